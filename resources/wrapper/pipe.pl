# The bounded buffer between the runs of a pipe. It is a process of its own, so that what is under way in it survives
# whoever has started it.
#
#   perl pipe.pl FOLDER
#
# Started in a session of its own, with standard output on a pipe to whoever starts it. FOLDER has a file "plan":
#   capacity BYTES        what may wait in the buffer; the system's own pipes hold up to 64 KiB more on each side
#   merge raw|lines       one writer's bytes as they come, or those of several by whole lines
#   spread copy|share     each reader gets everything, or each line goes to one of them
#   strict 0|1            whether a writer must end with status 0 before its readers are told that there is no more
#   writer command EXIT   a command, whose record of its end will be the file EXIT
#   writer host           a process of Offloop, which makes the file "wN.whole" when it has written everything
#   reader command        a command; whoever has started it says "came N"
#   reader host           a process of Offloop, which makes the file "rN.open" when it has opened its pipe
# In FOLDER it makes
#   pump      pid, start time and boot id of this process, made once: whoever makes it first decides if there is a pipe
#   w1, r1    a named pipe for each writer and each reader
#   control   a named pipe for words: "came N" (reader N has opened its pipe), "gone N" (it will read no more), "pass N"
#             (writer N has ended well) and "cut N" (it was broken off: readers get no more, and are not told that there is
#             no more, because they are going to be stopped); a word about what is over does nothing
#   gauge     how it stands, a few times a second while that changes
#   end       how it ended, made before anybody is told that there is no more: "whole", "early N" (reader N has ended
#             before it had everything), "cut N", then what the gauge says
# and on the pipe it says "ready" when all of that is open.
#
# A writer that closes its pipe may have written everything, or may have been broken off: its readers are told that there is no
# more only when a record says that it has ended by itself. Only modules that come with the bare interpreter are used.
use strict;
use warnings;
use Fcntl qw(O_WRONLY O_RDWR O_RDONLY O_NONBLOCK O_CREAT O_TRUNC);
use POSIX ();
use Errno qw(EINTR EAGAIN EWOULDBLOCK EPIPE ENOENT);
use IO::Handle ();

# What the system's own pipe takes at once.
my $piece = 65536;
# A longer line is handed on in pieces, and its writer is the only one that is read until it ends.
my $longest_held = 65536;
# Between two looks for a record that is not there yet, in seconds.
my $look = 0.1;
# Between two looks whether there is still anybody, while nothing moves; in seconds.
my $idle = 10;
# Between two gauges, in hundredths of a second.
my $gauge_ticks = 20;

my ($folder) = @ARGV;
$SIG{$_} = sub { } for qw(HUP INT QUIT TERM TSTP TTIN TTOU USR1 USR2);
$SIG{PIPE} = 'IGNORE';

sub slurp {
    my ($path) = @_;
    open(my $file, '<', $path) or return undef;
    local $/;
    return scalar readline $file;
}

# As the wrapper of a command has it.
sub identity {
    my ($pid) = @_;
    my ($start, $boot);
    if (defined(my $stat = slurp("/proc/$pid/stat"))) {
        $stat =~ s/^.*\)\s+//s;
        $start = (split ' ', $stat)[19];
        $boot = slurp('/proc/sys/kernel/random/boot_id');
    } else {
        local @ENV{qw(LC_ALL TZ)} = ('C', 'UTC');
        $start = `/bin/ps -o lstart= -p $pid`;
        $boot = `/usr/sbin/sysctl -n kern.boottime`;
    }
    for ($start, $boot) { s/\s+/ /g; s/^ | $//g }
    return "$pid\n$start\n$boot\n";
}

sub put {
    my ($name, $text, $sync) = @_;
    sysopen(my $file, "$folder/$name.part", O_WRONLY | O_CREAT | O_TRUNC, 0600) or die "$name: $!\n";
    my $written = syswrite($file, $text);
    defined $written && $written == length $text or die "$name: $!\n";
    if ($sync) { $file->sync or die "$name: $!\n" }
    close($file) or die "$name: $!\n";
}

sub publish {
    my ($name, $text, $sync) = @_;
    put($name, $text, $sync);
    rename("$folder/$name.part", "$folder/$name") or die "$name: $!\n";
}

put('pump', identity($$));
link("$folder/pump.part", "$folder/pump") or exit 0;
unlink "$folder/pump.part";

my (%plan, @writers, @readers);
for (split /\n/, slurp("$folder/plan") // die "plan: $!\n") {
    my ($name, $kind, $record) = split ' ', $_, 3;
    if ($name eq 'writer') {
        push @writers, { kind => $kind, record => $record, bytes => 0, held => '', state => 'open' };
    } elsif ($name eq 'reader') {
        push @readers, { kind => $kind, bytes => 0, queue => [], queued => 0, state => 'awaited' };
    } else { $plan{$name} = $kind }
}
my $by_lines = $plan{merge} eq 'lines' || $plan{spread} eq 'share';
my $shares = $plan{spread} eq 'share';

sub opened {
    my ($name, $flags) = @_;
    sysopen(my $file, "$folder/$name", $flags) or die "$name: $!\n";
    return $file;
}
for my $name ('control', (map { "w$_" } 1 .. @writers), (map { "r$_" } 1 .. @readers)) {
    POSIX::mkfifo("$folder/$name", 0600) or die "$name: $!\n";
}
# Open for writing too, so that it never ends.
my $control = opened('control', O_RDWR | O_NONBLOCK);
$writers[$_ - 1]{file} = opened("w$_", O_RDONLY | O_NONBLOCK) for 1 .. @writers;
for my $number (1 .. @readers) {
    my $reader = $readers[ $number - 1 ];
    # Keeps what is written until the reader has come; without it the next line would fail.
    $reader->{plug} = opened("r$number", O_RDONLY | O_NONBLOCK);
    $reader->{file} = opened("r$number", O_WRONLY | O_NONBLOCK);
}
# Offloop may end at any time, and nobody reads this then.
syswrite(STDOUT, "ready\n");
POSIX::close(1);

my ($in, $out, $added, $lane, $stick) = (0, 0, 0, undef, undef);

sub now { return (POSIX::times())[0] }

# What waits for the readers; of those that all get the same, for the slowest.
sub used {
    my $used = 0;
    for (@readers) {
        if ($shares) { $used += $_->{queued} }
        elsif ($_->{queued} > $used) { $used = $_->{queued} }
    }
    return $used;
}

sub has_room { return used() < $plan{capacity} }

sub standing {
    my $size = used();
    $size += length $_->{held} for @writers;
    return join '', "in $in\n", "out $out\n", "size $size\n", "added $added\n",
        (map { "writer $_->{bytes} $_->{state}\n" } @writers),
        (map { "reader $_->{bytes} $_->{queued} $_->{state}\n" } @readers);
}

# Without a record the pipe counts as broken: wait for space rather than end without one.
sub put_end {
    my ($how) = @_;
    until (eval { publish('end', "$how\n" . standing(), 1); 1 }) { exit 1 if !-d $folder; select undef, undef, undef, 1 }
}

sub finish {
    put_end(@_);
    exit 0;
}

my $is_cut = 0;
sub cut {
    my ($number) = @_;
    return if $is_cut || $writers[ $number - 1 ]{state} eq 'ended';
    put_end("cut $number");
    $is_cut = 1;
    for (@writers) { close delete $_->{file} if $_->{file}; $_->{state} = 'ended' }
    for (@readers) { ($_->{queue}, $_->{queued}) = ([], 0) }
}


sub hand {
    my ($text) = @_;
    return if $text eq '';
    my @to = grep { $_->{state} ne 'gone' } @readers;
    if ($shares) {
        my ($least) = $stick // sort { $a->{queued} <=> $b->{queued} || $a->{bytes} <=> $b->{bytes} } @to;
        $stick = substr($text, -1) eq "\n" ? undef : $least;
        @to = ($least);
    }
    for (@to) {
        push @{ $_->{queue} }, \$text;
        $_->{queued} += length $text;
    }
}

# Hands on what a writer has written, as far as its lines are whole.
sub take {
    my ($writer, $text) = @_;
    $writer->{bytes} += length $text;
    $in += length $text;
    return hand($text) if !$by_lines;
    my $end = rindex $text, "\n";
    if ($end >= 0) {
        hand($writer->{held} . substr($text, 0, $end + 1));
        $writer->{held} = substr $text, $end + 1;
        $lane = undef;
    } else { $writer->{held} .= $text }
    if (length $writer->{held} > $longest_held || (defined $lane && $lane == $writer)) {
        $lane = $writer;
        hand($writer->{held});
        $writer->{held} = '';
    }
}

sub ended {
    my ($writer) = @_;
    $writer->{state} = 'ended';
    close delete $writer->{file} if $writer->{file};
    my $goes_on = grep { $_ != $writer && ($_->{state} ne 'ended' || $_->{held} ne '') } @writers;
    my $is_open = $writer->{held} ne '' || (defined $lane && $lane == $writer);
    if ($is_open && $goes_on) {
        $writer->{held} .= "\n";
        $added += 1;
    }
    hand($writer->{held});
    $writer->{held} = '';
    $lane = undef if defined $lane && $lane == $writer;
}

# Whether a writer that has closed its pipe has ended by itself.
sub is_whole {
    my ($writer, $number) = @_;
    return -e "$folder/w$number.whole" if $writer->{kind} eq 'host';
    my $record = slurp($writer->{record}) // return 0;
    return $plan{strict} ? $record =~ /^exit 0 / : $record =~ /^exit /;
}

sub look_at_writer {
    my ($number) = @_;
    my $writer = $writers[ $number - 1 ];
    return if $writer->{state} eq 'ended';
    my $text;
    my $room = $plan{capacity} - used();
    my $size = $room < $piece ? $room : $piece;
    my $read = sysread $writer->{file}, $text, $size;
    my $whole = 0;
    if (defined $read && $read == 0) {
        $whole = $writer->{passed} || is_whole($writer, $number);
        # What was written before the record is in the pipe by now.
        $read = sysread $writer->{file}, $text, $size if $whole;
    }
    if (!defined $read) {
        return if $! == EINTR;
        die "w$number: $!\n" if $! != EAGAIN && $! != EWOULDBLOCK;
        # Somebody has it open and writes nothing.
        $writer->{state} = 'open';
        return;
    }
    if ($read > 0) {
        $writer->{state} = 'open';
        return take($writer, $text);
    }
    if ($whole) { ended($writer) }
    else { $writer->{state} = 'closed' }
}

sub gone {
    my ($number) = @_;
    my $reader = $readers[ $number - 1 ];
    return if $reader->{state} eq 'gone';
    $reader->{state} = 'gone';
    $reader->{queue} = [];
    $reader->{queued} = 0;
    close delete $reader->{$_} for grep { $reader->{$_} } qw(plug file);
    my $is_last = !grep { $_->{state} ne 'gone' } @readers;
    exit 0 if $is_cut && $is_last;
    finish("early $number") if !$is_cut && ($shares || $is_last);
}

sub came {
    my ($number) = @_;
    my $reader = $readers[ $number - 1 ];
    return if $reader->{state} ne 'awaited';
    close delete $reader->{plug};
    $reader->{state} = 'open';
}

sub feed {
    my ($number) = @_;
    my $reader = $readers[ $number - 1 ];
    while (my ($text) = @{ $reader->{queue} }) {
        my $written = syswrite $reader->{file}, $$text, length($$text) - ($reader->{sent} // 0), $reader->{sent} // 0;
        if (!defined $written) {
            return if $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;
            die "r$number: $!\n" if $! != EPIPE;
            return gone($number);
        }
        $reader->{sent} = ($reader->{sent} // 0) + $written;
        $reader->{bytes} += $written;
        $reader->{queued} -= $written;
        $out += $written;
        if ($reader->{sent} == length $$text) {
            shift @{ $reader->{queue} };
            $reader->{sent} = 0;
        }
    }
}

my $words = '';
sub hear {
    my $read = sysread $control, $words, 4096, length $words;
    return if !$read;
    while ($words =~ s/^(\w+)(?: (\d+))?\n//) {
        my ($word, $number) = ($1, $2 // 1);
        if ($word eq 'pass') { $writers[ $number - 1 ]{passed} = 1 }
        elsif ($word eq 'came') { came($number) }
        elsif ($word eq 'gone') { gone($number) }
        elsif ($word eq 'cut') { cut($number) }
    }
}

my $shown = '';
my $shown_at = -$gauge_ticks;
while (1) {
    my ($reading, $writing, $is_waiting) = ('', '', 0);
    vec($reading, fileno $control, 1) = 1;
    my $has_room = has_room();
    my $is_over = 1;
    for my $writer (@writers) {
        next if $writer->{state} eq 'ended';
        $is_over = 0;
        if ($writer->{state} eq 'closed') { $is_waiting = 1 }
        elsif ($has_room && (!defined $lane || $lane == $writer)) { vec($reading, fileno $writer->{file}, 1) = 1 }
    }
    for my $reader (@readers) {
        next if $reader->{state} eq 'gone';
        $is_waiting = 1 if $reader->{state} eq 'awaited' && $reader->{kind} eq 'host';
        next if $reader->{queued} == 0 && $reader->{state} eq 'open';
        $is_over = 0;
        vec($writing, fileno $reader->{file}, 1) = 1 if $reader->{queued} > 0;
    }
    finish('whole') if $is_over && !$is_cut;
    # A full pipe without its reader is never ready, so this waits, and does not turn.
    my $standing = standing();
    my $is_new = $standing ne $shown;
    if ($is_new && now() - $shown_at >= $gauge_ticks) {
        # What shows how it stands may fail, on a full disk: the bytes matter more.
        eval { publish('gauge', $standing, 0) };
        ($shown, $shown_at, $is_new) = ($standing, now(), 0);
    }
    my $timeout = $is_waiting ? $look : $is_new ? $gauge_ticks / 100 : $idle;
    # Without its folder nobody can say a word to it any more.
    exit 1 if !-d $folder;
    my $ready = select $reading, $writing, undef, $timeout;
    # Undefined sets after a signal say nothing.
    $reading = $writing = '' if $ready < 0;
    hear() if vec $reading, fileno $control, 1;
    for my $number (1 .. @readers) {
        my $reader = $readers[ $number - 1 ];
        came($number) if $reader->{kind} eq 'host' && -e "$folder/r$number.open";
        feed($number) if $reader->{file} && vec $writing, fileno $reader->{file}, 1;
    }
    for my $number (1 .. @writers) {
        my $writer = $writers[ $number - 1 ];
        next if $writer->{state} eq 'ended';
        next if !has_room() || (defined $lane && $lane != $writer);
        look_at_writer($number)
            if $writer->{state} eq 'closed' || vec $reading, fileno $writer->{file}, 1;
    }
}
