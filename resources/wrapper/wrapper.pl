# Runs one command so that it outlives whoever started it, and writes down how it ended.
#
#   perl wrapper.pl ATTEMPT FOLDER INPUT TERMINAL PROGRAM [ARGUMENT...]
#
# INPUT is what the command reads: "nothing", "file:PATH", or "pipe", which is made in the folder and stays open, whoever
# comes and goes at its other end, until this process gets SIGUSR1. TERMINAL is "none" or the size of one, such as 80x24, in
# which the command then runs: it is held here, and not by whoever shows it. It is "apart" where standard error is to be told
# apart from standard output.
#
# Without arguments it is the launcher (see launcher.pl), and goes on in a new process for each command.
#
# It is in a session of its own, with standard output on a pipe to whoever starts it. In the folder ATTEMPT it makes
#   intent    the value of OFFLOOP_RUN, by which in their environment all processes of the attempt are found
#   wrapper   pid, start time and boot id of this process, made once: whoever makes it first decides if the command starts
#   command   the same of the command, before that begins
#   output    what the command writes, standard output and errors in the order of writing
#   errors    standard error alone, where it is told apart
#   apart     where in "output" it is: for each stretch 16 bytes, its first byte and the one after its last, little-endian; a
#             last one that ends with 0 is being written, somewhere behind its beginning
#   input     the pipe that it reads, as long as that is open
#   keys      a pipe: what is written to it is typed into the terminal
#   size      a pipe: lines such as "80 24" change the terminal's size
#   stdout    found there: a link to the named pipe that standard output goes to, while errors go to the file
#   exit      "exit STATUS TICKS", "signal NUMBER TICKS" or "refused STEP ERRNO"; TICKS are hundredths of a second
# and on its standard output it says "started" with both records, or "refused STEP ERRNO", and what stands in "exit" behind
# the word "ended", once that has its name. STEP is terminal, input, chdir or exec.
#
# Perl, because a shell cannot tell an exit status of 143 from an end by SIGTERM, has no fsync, and does not tell why a
# program could not be started. Only modules that come with the bare interpreter are used.
use strict;
use warnings;
use Fcntl qw(O_WRONLY O_CREAT O_EXCL O_TRUNC O_APPEND O_RDONLY O_RDWR O_NONBLOCK O_NOCTTY F_SETFL);
use POSIX ();
use Errno qw(EAGAIN EINTR ENOSPC EDQUOT);
use IO::Handle ();

# Seconds in which a terminal that others still hold open has handed on what the command wrote.
my $SETTLE = 0.1;
# What a pipe holds at most, on every system.
my $PIPE_BYTES = 65_536;

# What the boot is called is asked once, in the launcher.
my $boot = boot_id();
# Stands before each word.
our $speaker = '';
if (!@ARGV) {
    require(($0 =~ m{^(.*/)}s ? $1 : './') . 'launcher.pl');
    @ARGV = next_request();
}
my ($attempt, $folder, $input, $terminal, @command) = @ARGV;

# Handlers, because what is ignored would stay ignored in the command.
$SIG{$_} = sub { } for qw(HUP INT QUIT TERM PIPE TSTP TTIN TTOU USR1 USR2);

# Files that whoever started this has left open are not the command's business.
if (opendir(my $open, '/dev/fd')) {
    my @numbers = grep { /^\d+$/ && $_ > 2 } readdir $open;
    closedir $open;
    POSIX::close($_) for @numbers;
}

sub slurp {
    my ($path) = @_;
    open(my $file, '<', $path) or return undef;
    local $/;
    return scalar readline $file;
}

# The start time is field 22; the name, field 2, may have spaces and parentheses, so count from the last ")".
sub identity {
    my ($pid) = @_;
    my $start;
    if (defined(my $stat = slurp("/proc/$pid/stat"))) {
        $stat =~ s/^.*\)\s+//s;
        $start = (split ' ', $stat)[19];
    } else {
        local @ENV{qw(LC_ALL TZ)} = ('C', 'UTC');
        $start = on_one_line(scalar `/bin/ps -o lstart= -p $pid`);
    }
    return "$pid\n$start\n$boot\n";
}

sub boot_id {
    return on_one_line(slurp('/proc/sys/kernel/random/boot_id') // scalar `/usr/sbin/sysctl -n kern.boottime`);
}

# One line, whatever is in it.
sub say_word {
    my ($text) = @_;
    $text =~ tr/\n/\t/;
    syswrite(STDOUT, "$speaker$text\n");
}

sub on_one_line {
    my ($text) = @_;
    for ($text) { s/\s+/ /g; s/^ | $//g }
    return $text;
}

# Writes a whole file under another name; dies when that cannot be. Not synced: who a process is means nothing after the
# power cut that would lose this.
sub put {
    my ($name, $text) = @_;
    sysopen(my $file, "$attempt/$name.part", O_WRONLY | O_CREAT | O_TRUNC, 0600) or die "$name: $!\n";
    my $written = syswrite($file, $text);
    defined $written && $written == length $text or die "$name: $!\n";
    close($file) or die "$name: $!\n";
}

sub publish {
    my ($name) = @_;
    rename("$attempt/$name.part", "$attempt/$name") or die "$name: $!\n";
}

if (defined $ENV{OFFLOOP_RUN}) {
    put('intent', $ENV{OFFLOOP_RUN});
    publish('intent');
}
my $self = identity($$);
put('wrapper', $self);
# A link fails where a name exists, a rename does not: Offloop may have given this start up.
link("$attempt/wrapper.part", "$attempt/wrapper") or exit 0;
unlink "$attempt/wrapper.part";
# The space for the record of the end is taken now, while there is some.
put('exit', ' ' x 64);

sysopen(my $output, "$attempt/output", O_WRONLY | O_CREAT | O_APPEND, 0600) or die "output: $!\n";
my ($reading, $kept_open);
if ($input eq 'pipe') {
    POSIX::mkfifo("$attempt/input", 0600) or die "input: $!\n";
    # The reading end first, and without waiting: each end waits for the other.
    sysopen($reading, "$attempt/input", O_RDONLY | O_NONBLOCK) or die "input: $!\n";
    # Without a writing end of its own, the command would be at the end of its input whenever Offloop is not there.
    sysopen($kept_open, "$attempt/input", O_WRONLY) or die "input: $!\n";
    fcntl($reading, F_SETFL, 0) or die "input: $!\n";
    $SIG{USR1} = \&close_input;
}

sub close_input {
    $kept_open or return;
    unlink "$attempt/input";
    close $kept_open;
    undef $kept_open;
}

# Requests of ioctl(2), which perl has no names for: Linux on x86 and ARM, then macOS.
my %request = $^O eq 'darwin'
    ? (unlock => 0x20007452, grant => 0x20007454, name => 0x40807453, control => 0x20007461, size => 0x80087467)
    : (unlock => 0x40045431, name => 0x80045430, control => 0x540E, size => 0x5414);

my ($master, $slave_name, $keys, $sizes);
if ($terminal =~ /^(\d+)x(\d+)$/) {
    sysopen($master, '/dev/ptmx', O_RDWR | O_NOCTTY) or die "terminal: $!\n";
    ioctl($master, $request{grant}, 0) or die "terminal: $!\n" if $request{grant};
    my $unlocked = pack 'i', 0;
    ioctl($master, $request{unlock}, $unlocked) or die "terminal: $!\n";
    my $name = "\0" x 128;
    ioctl($master, $request{name}, $name) or die "terminal: $!\n";
    $slave_name = $^O eq 'darwin' ? unpack('Z*', $name) : '/dev/pts/' . unpack('i', $name);
    resize($1, $2);
    $keys = own_pipe('keys');
    $sizes = own_pipe('size');
}

sub resize {
    my ($columns, $rows) = @_;
    my $size = pack 'S4', $rows, $columns, 0, 0;
    ioctl($master, $request{size}, $size);
}

# A pipe in the folder which never ends, since its other end is open here too.
sub own_pipe {
    my ($name) = @_;
    POSIX::mkfifo("$attempt/$name", 0600) or die "$name: $!\n";
    sysopen(my $pipe, "$attempt/$name", O_RDWR | O_NONBLOCK) or die "$name: $!\n";
    return $pipe;
}

my $piped;
if (-l "$attempt/stdout") {
    # Without waiting: whoever reads it is there, or never will be.
    sysopen($piped, "$attempt/stdout", O_WRONLY | O_NONBLOCK) or die "the pipe for its output is gone: $!\n";
    fcntl($piped, F_SETFL, 0) or die "stdout: $!\n";
}

# Standard output goes straight to the file all the same. Only standard error takes this way, which is why it is known where it is.
my ($errors, $errors_in);
if ($terminal eq 'apart') {
    pipe($errors, $errors_in) or die "pipe: $!\n";
    # There as soon as it is said that the command has started.
    for my $name (qw(errors apart)) {
        sysopen(my $file, "$attempt/$name", O_WRONLY | O_CREAT, 0600) or die "$name: $!\n";
    }
}

pipe(my $go_read, my $go_write) or die "pipe: $!\n";
pipe(my $word_read, my $word_write) or die "pipe: $!\n";

my $begun = (POSIX::times())[0];
my $pid = fork;
defined $pid or die "fork: $!\n";
if ($pid == 0) {
    close $go_write;
    close $word_read;
    POSIX::setsid();
    # Nothing runs before it is written down: without the word to go, its wrapper is dead.
    sysread($go_read, my $word, 1) or POSIX::_exit(0);
    $SIG{$_} = 'DEFAULT' for qw(HUP INT QUIT TERM PIPE TSTP TTIN TTOU USR1 USR2);
    my $step = 'terminal';
    my $screen = $output;
    if (!$slave_name || (sysopen($screen, $slave_name, O_RDWR) && ioctl($screen, $request{control}, 0))) {
        my $path = $input =~ /^file:(.*)/s ? $1 : $slave_name || '/dev/null';
        $step = 'input';
        # Without waiting, because it may be the pipe of somebody who is gone.
        $reading || sysopen($reading, $path, O_RDONLY | O_NONBLOCK) and $step = 'chdir';
    }
    if ($step eq 'chdir' && chdir $folder) {
        fcntl($reading, F_SETFL, 0);
        POSIX::dup2(fileno $reading, 0);
        POSIX::dup2(fileno($piped // $screen), 1);
        POSIX::dup2(fileno($errors_in // $screen), 2);
        $step = 'exec';
        no warnings 'exec';
        exec { $command[0] } @command;
    }
    # Both pipes close by themselves when the program takes over, so a word on this one means that it did not.
    syswrite($word_write, sprintf('%s %d', $step, $!));
    POSIX::_exit(127);
}
close $go_read;
close $word_write;
close $reading if $reading;
close $piped if $piped;
close $errors_in if $errors_in;
my $own = identity($pid);
put('command', $own);
publish('command');
syswrite($go_write, '.');
close $go_write;

my $refusal = '';
while (1) {
    my $count = sysread($word_read, $refusal, 64, length $refusal);
    next if !defined $count && $! == EINTR;
    last if !$count;
}
# Another process carries what goes in and out of the terminal, because this one waits, and perl can wait for one thing
# at a time without a gap in which a signal is missed.
my ($over, $kept, $carrier);
if ($master && !$refusal) {
    start_carrier(\&carry);
    close $_ for $master, $keys, $sizes;
}
start_carrier(\&carry_errors) if $errors && !$refusal;
close $output;
say_word($refusal ? "refused $refusal" : "started $own$self");

my $status;
until (defined $status) {
    my $ended = waitpid($carrier ? -1 : $pid, 0);
    if ($ended == $pid) { $status = $? }
    # What is in the pipe is still there: this process has it open too, so that the command is not hurt either.
    elsif ($errors && $ended == ($carrier // 0)) { start_carrier(\&carry_errors) }
}
my $ticks = (POSIX::times())[0] - $begun;
close_input();
if ($carrier) {
    close $over;
    # Until all is kept that the command has written; processes that it has left behind may go on writing.
    1 while !defined sysread($kept, my $nothing, 1) && $! == EINTR;
}
unlink map { "$attempt/$_" } qw(keys size) if $master;
my $how = $refusal     ? "refused $refusal"
    : ($status & 127) ? sprintf('signal %d %d', $status & 127, $ticks)
    :                   sprintf('exit %d %d', $status >> 8, $ticks);

# A full disk must not cost the status: wait for space. Where the folder is gone there is nobody left to tell.
until (eval { record($how); 1 }) {
    last unless $! == ENOSPC || $! == EDQUOT;
    sleep 1;
}
say_word("ended $how");
# At once, without taking the interpreter apart.
POSIX::_exit(0);

# Writes into the space that was taken at the start, instead of a new file; whole when it has its name.
sub record {
    my ($text) = @_;
    sysopen(my $file, "$attempt/exit.part", O_WRONLY | O_CREAT, 0600) or die;
    my $line = sprintf("%-63s\n", $text);
    my $written = syswrite($file, $line);
    defined $written && $written == length $line or die;
    $file->sync or die;
    # The system puts the new name on disk by itself; after a power cut before that the end is not known, and said so.
    publish('exit');
}

# Starts what carries output. It learns from one pipe that the command has ended, and says by closing another that all is kept.
sub start_carrier {
    my ($work) = @_;
    pipe(my $over_read, my $over_write) or die "pipe: $!\n";
    pipe(my $kept_read, my $kept_write) or die "pipe: $!\n";
    $carrier = fork;
    defined $carrier or die "fork: $!\n";
    if ($carrier == 0) {
        close $_ for grep { $_ } $over_write, $kept_read, $over, $kept, $kept_open;
        POSIX::close(1);
        $work->($over_read, $kept_write);
        POSIX::_exit(0);
    }
    ($over, $kept) = ($over_write, $kept_read);
}

# Carries standard error until nobody has it open.
sub carry_errors {
    my ($over, $kept) = @_;
    # The offset of a file is shared by all who have inherited it.
    sysopen(my $whole, "$attempt/output", O_WRONLY | O_APPEND) or die "output: $!\n";
    sysopen(my $alone, "$attempt/errors", O_WRONLY | O_APPEND) or die "errors: $!\n";
    sysopen(my $map, "$attempt/apart", O_RDWR) or die "apart: $!\n";
    my $places = { map => $map, whole => $whole, alone => $alone, last => last_place($map) };
    # What the pipe held when the command ended.
    my $left = $PIPE_BYTES;
    while (1) {
        vec(my $readable = '', fileno $errors, 1) = 1;
        vec($readable, fileno $over, 1) = 1 if $over;
        next if select($readable, undef, undef, defined $over || !$kept ? undef : 0) < 0;
        if ($over && vec($readable, fileno $over, 1)) {
            close $over;
            undef $over;
            next;
        }
        my $count;
        if (vec($readable, fileno $errors, 1)) {
            $count = sysread($errors, my $text, 65536);
            next if !defined $count;
            return if $count == 0;
            keep_apart($places, $text);
            $left -= $count if !$over;
        }
        if (!$over && $kept && (!$count || $left <= 0)) {
            close $kept;
            undef $kept;
        }
    }
}

# The number of whole stretches in the map, and the end of the last one.
sub last_place {
    my ($map) = @_;
    my $count = int((-s $map) / 16);
    while ($count > 0) {
        sysseek($map, 16 * ($count - 1), 0);
        sysread($map, my $place, 16);
        my ($from, $to) = unpack 'Q<2', $place;
        return { count => $count, from => $from, to => $to } if $to;
        $count -= 1;
    }
    return { count => 0, from => 0, to => 0 };
}

# Keeps a piece of standard error in both files, and where in the whole output it is.
sub keep_apart {
    my ($places, $text) = @_;
    my ($map, $whole, $last) = @{$places}{qw(map whole last)};
    append($places->{alone}, $text, sub { });
    put_place($map, $last->{count}, -s $whole, 0);
    append($whole, $text, sub {
        my ($written) = @_;
        # Others append to this file too; only this offset says where it went.
        my $end = sysseek($whole, 0, 1);
        my $from = $end - $written;
        if ($last->{count} && $last->{to} == $from) { $last->{to} = $end }
        else { @{$last}{qw(count from to)} = ($last->{count} + 1, $from, $end) }
        put_place($map, $last->{count} - 1, $last->{from}, $end);
    });
    truncate($map, 16 * $last->{count});
}

sub put_place {
    my ($map, $number, $from, $end) = @_;
    my $place = pack 'Q<2', $from, $end;
    sysseek($map, 16 * $number, 0);
    append($map, $place, sub { });
}

# Carries until the other end of the pipe is closed, and then what is still there.
sub carry {
    my ($over) = @_;
    # With this open, the terminal stays even while the command has closed it.
    sysopen(my $slave, $slave_name, O_RDWR | O_NOCTTY);
    fcntl($master, F_SETFL, O_NONBLOCK);
    my ($typed, $size) = ('', '');
    while (1) {
        my ($readable, $writable) = ('', '');
        vec($readable, fileno $_, 1) = 1 for $master, $sizes, $over;
        # What is not taken yet makes whoever types wait.
        vec($typed eq '' ? $readable : $writable, fileno($typed eq '' ? $keys : $master), 1) = 1;
        next if select($readable, $writable, undef, undef) < 0;
        if (sysread($sizes, $size, 1024, length $size)) {
            resize($1, $2) while $size =~ s/^(\d+) (\d+)\n//;
        }
        sysread($keys, $typed, 65536) if $typed eq '';
        if ($typed ne '') {
            my $taken = syswrite($master, $typed);
            substr($typed, 0, $taken) = '' if $taken;
        }
        if (vec($readable, fileno $over, 1)) {
            close $slave;
            return keep_rest();
        }
        # Typing and resizing have their turn after each.
        my $count = sysread($master, my $shown, 65536);
        keep($shown) if $count;
    }
}

# Keeps what the terminal still holds, which is less than 64 reads of 4 KB, and no more: processes that the command has left
# behind may go on writing. The system hands on what was written a moment later, so that nothing to read is not the end;
# the end is an error, once nobody has the other side open, or that nothing has come for a while.
sub keep_rest {
    for (1 .. 64) {
        my $count = sysread($master, my $shown, 65536);
        if ($count) { keep($shown); next }
        return if defined $count || ($! != EAGAIN && $! != EINTR);
        vec(my $readable = '', fileno $master, 1) = 1;
        select($readable, undef, undef, $SETTLE) or return;
    }
}

# Appends to the output; where the disk is full the command waits.
sub keep { append($output, $_[0], sub { }) }

# Writes all of a text, waiting for space, and tells after each part how much that was.
sub append {
    my ($file, $text, $told) = @_;
    while ($text ne '') {
        my $written = syswrite($file, $text);
        if ($written) {
            substr($text, 0, $written) = '';
            $told->($written);
        }
        elsif ($! == ENOSPC || $! == EDQUOT) { sleep 1 }
        elsif ($! != EINTR) { return }
    }
}
