# Starts wrappers without starting an interpreter for each: it is loaded by wrapper.pl when that is given no arguments.
#
# On standard input come requests: a length in 4 bytes, the highest first, and so many bytes, which are texts with zero
# bytes between them: an ID, the number of arguments, the arguments of wrapper.pl, and the whole environment as NAME=VALUE.
# On standard output go lines: "ID gone" once a wrapper has ended in whatever way, "ID broken ERRNO" when there could be
# none, and what the wrappers themselves say, each line behind its ID.
#
# It ends with its standard input. The wrappers go on: each is in a session of its own.
use strict;
use warnings;
use Errno qw(EINTR);
use Fcntl qw(O_WRONLY O_CREAT O_APPEND);
use POSIX ();

# A wrapper that ends wakes this process, except in the instant before it begins to wait; it looks so often, in seconds.
my $LOOK = 1;

# Returns in a new process for each request, with the arguments of its wrapper.
sub next_request {
    my %running;
    my $came = '';
    # Handlers, because what is ignored would stay ignored in the wrappers and their commands.
    local $SIG{CHLD} = sub { };
    local $SIG{PIPE} = sub { };
    while (1) {
        while (length $came >= 4 && length $came >= 4 + unpack('N', $came)) {
            my ($id, $count, @texts) = split /\0/, substr($came, 4, unpack('N', $came)), -1;
            substr($came, 0, 4 + unpack('N', $came)) = '';
            my $pid = fork;
            if (!defined $pid) {
                report("$id broken " . ($! + 0));
            } elsif ($pid == 0) {
                return become_wrapper($id, $count, @texts);
            } else {
                $running{$pid} = $id;
            }
            bury(\%running);
        }
        bury(\%running);
        vec(my $ready = '', 0, 1) = 1;
        my $found = select($ready, undef, undef, %running ? $LOOK : undef);
        next if $found <= 0;
        my $read = sysread(STDIN, $came, 65_536, length $came);
        next if !defined $read && $! == EINTR;
        exit 0 if !$read;
    }
}

# Tells of the wrappers that have ended.
sub bury {
    my ($running) = @_;
    while ((my $pid = waitpid(-1, POSIX::WNOHANG())) > 0) {
        my $id = delete $running->{$pid};
        report("$id gone") if defined $id;
    }
}

sub report { syswrite(STDOUT, "$_[0]\n") }

sub become_wrapper {
    my ($id, $count, @texts) = @_;
    $SIG{CHLD} = 'DEFAULT';
    POSIX::setsid();
    my @arguments = splice @texts, 0, $count;
    %ENV = map { split /=/, $_, 2 } @texts;
    open(STDIN, '<', '/dev/null') or POSIX::_exit(1);
    # What it has to complain about is for the folder of its attempt.
    my ($attempt) = @arguments;
    sysopen(my $trouble, "$attempt/trouble", O_WRONLY | O_CREAT | O_APPEND, 0600) or POSIX::_exit(1);
    POSIX::dup2(fileno $trouble, 2);
    close $trouble;
    $main::speaker = "$id ";
    return @arguments;
}

1;
