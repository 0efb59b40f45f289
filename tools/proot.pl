#!/usr/bin/perl
# proot.pl PROOT PROOT-OPTION… -- CMD…   runs CMD under proot, which moves each path that a program names into the root, by tracing.
#
# Debian's and Ubuntu's proot (5.1.0) is older than some system calls and takes their paths for the machine's own. A filter
# answers those as a kernel of its age would ("no such call"): the C library then asks in the old way. The filter also refuses
# the heap that proot lays for a program, since children of posix_spawn would share one: the C library takes pages instead.
#
# Signals to this process reach CMD, and CMD's exit status is its own, as if there were nothing between.
use strict;
use warnings;
use POSIX qw(:signal_h :sys_wait_h);

my ($ENOSYS, $ENOMEM) = (38, 12);
#             statx openat2 faccessat2 fchmodat2 renameat2 execveat clone3 io_uring_setup
my %newer  = (x86_64  => [332, 437, 439, 452, 316, 322, 435, 425],
              aarch64 => [291, 437, 439, 452, 276, 281, 435, 425]);
#             prctl seccomp brk mmap
my %older  = (x86_64  => [157, 317, 12, 9],
              aarch64 => [167, 277, 214, 222]);

my $machine = (POSIX::uname())[4];
my $newer = $newer{$machine} or die "dev: proot is tried on x86-64 and AArch64 only\n";
my ($prctl, $seccomp, $brk, $mmap) = @{$older{$machine}};

# The kernel's little machine: struct sock_filter {code, jump if true, jump if false, k}.
sub load   { return pack 'SCCL', 0x20, 0, 0, $_[0] }
sub unless_equal { my ($value, $skip) = @_; return pack 'SCCL', 0x15, 0, $skip, $value }
sub answer { return pack 'SCCL', 0x06, 0, 0, 0x00050000 | $_[0] }
sub allow  { return pack 'SCCL', 0x06, 0, 0, 0x7fff0000 }
sub argument { return load(16 + 8 * $_[0]) }

sub filter_calls {
    my @filter = (load(0), map { (unless_equal($_, 1), answer($ENOSYS)) } @$newer);
    # brk answers the end of the heap: 0 is a failure to everybody. proot's heap is mmap(0, 16 MiB and a page, 3, 0x22).
    push @filter, unless_equal($brk, 1), answer(0),
        unless_equal($mmap, 9), argument(0), unless_equal(0, 7), argument(1), unless_equal(0x1001000, 5),
        argument(2), unless_equal(3, 3), argument(3), unless_equal(0x22, 1), answer($ENOMEM), allow();
    my $filter = join '', @filter;
    my $program = pack 'S x![Q] P', scalar @filter, $filter;
    syscall($prctl, 38, 1, 0, 0, 0) == 0 or die "dev: no_new_privs: $!\n";
    syscall($seccomp, 1, 0, $program) == 0 or die "dev: seccomp: $!\n";
    return;
}

my $program = shift @ARGV;
my @options;
push @options, shift @ARGV while @ARGV && $ARGV[0] ne '--';
shift @ARGV;

# A terminal's signals reach CMD by themselves; those that somebody sent to this process are passed on.
my ($command, $passed, @early);
my %number = (HUP => 1, INT => 2, QUIT => 3, USR1 => 10, USR2 => 12, TERM => 15);
sub pass_on {
    my ($signal, $how) = @_;
    return if ($how->{code} // 0) > 0;
    if (!$command) { push @early, $signal; return }
    kill $signal, $command;
    $passed = $number{$signal};
    return;
}
sigaction($number{$_}, POSIX::SigAction->new(\&pass_on, POSIX::SigSet->new, POSIX::SA_SIGINFO())) for keys %number;

pipe my $named, my $name or die "dev: pipe: $!\n";
my $proot = fork // die "dev: fork: $!\n";
if ($proot == 0) {
    sigaction($_, POSIX::SigAction->new('DEFAULT')) for values %number;
    close $named;
    fcntl $name, 2, 0;  # it stays open over exec
    filter_calls();
    my $fd = fileno $name;
    exec $program, '-v', '-1', @options, '/bin/bash', '-c', "echo \$\$ >&$fd; exec $fd>&-; exec \"\$@\"", 'bash', @ARGV or die "dev: proot: $!\n";
}
close $name;

my $process = readline $named;
chomp $process if $process;
$command = $process;
# CMD may have been at work, and somebody have known it, before this process knew its number.
if ($command) { pass_on($_, {}) for @early }
while ((my $gone = waitpid $proot, 0) != $proot) { exit 127 if $gone < 0 && $! != POSIX::EINTR() }
my $status = WIFEXITED($?) ? WEXITSTATUS($?) : 128 + WTERMSIG($?);
# proot says 255 of a command that died of a signal.
exit($status == 255 && $passed ? 128 + $passed : $status);
