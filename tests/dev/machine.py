"""A machine of stubs: ./dev runs with a PATH in front of which lie programs that note how they were called."""
import os
import pathlib
import shutil
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]

# Lays what ./dev looks for in a root, and says what mmdebstrap and apt-get say.
MMDEBSTRAP = r"""
for word in "$@"; do
    case $word in --include=*) packages+=" ${word#--include=}";; */root.new) root=$word;; esac
done
mkdir -p "$root"/etc/ssl/certs "$root"/etc/dpkg/dpkg.cfg.d "$root"/var/lib/dpkg/info "$root"/usr
echo root:x:0:0::/root:/bin/sh >"$root/etc/passwd"
echo root:x:0: >"$root/etc/group"
for package in ${packages//,/ }; do : >"$root/var/lib/dpkg/info/$package.list"; done
"""

# Runs the command that follows proot's options. As dpkg would, it lays what apt-get is told to install.
PROOT = r"""
while [[ ${1:-} == -* ]]; do
    case $1 in -0) shift;; -r) root=$2; shift 2;; *) shift 2;; esac
done
case "$*" in
    *"apt-get install"*) while [ "$1" != sh ] || [[ $2 == -c ]]; do shift; done; shift
        for package in "$@"; do : >"$root/var/lib/dpkg/info/$package.list"; done;;
    *"dpkg --install"*) ;;
    *) exec "$@";;
esac
"""


class Machine:
    """`test`: cleans up after itself; `user`: who calls; `mounts`: whether unshare works; `lacks`: programs that are not installed."""

    def __init__(self, test, user, mounts, lacks=()):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="millm-dev-"))
        test.addCleanup(shutil.rmtree, self.top)
        self.cache = self.top / "cache"
        self.log = self.top / "calls"
        stubs = self.top / "bin"
        stubs.mkdir()
        ids = {"-u": 0 if user == "root" else 4711, "-g": 0 if user == "root" else 4711}
        self._stub("id", f'case $1 in -u) echo {ids["-u"]};; -g) echo {ids["-g"]};; *) echo {user};; esac', noted=False)
        self._stub("unshare", "exit 1" if not mounts else 'case "$*" in --help) echo --map-auto;; esac; exit 0')
        self._stub("mmdebstrap", MMDEBSTRAP)
        self._stub("proot", PROOT)
        self._stub("newuidmap", "exit 0")
        self._stub("apt-get", "exit 0")
        self._stub("chroot", "exit 0")
        for name in lacks:
            (stubs / name).unlink(missing_ok=True)
        # Of the real programs only these, so that what is lacking is not found further on.
        for name in ("bash sh env perl cat grep sed awk tr cut sort mkdir mktemp mv rm touch tail head find dirname readlink flock nproc stat tput sleep "
                     "ldconfig apt-config").split():
            real = which_program(name)
            if real and not (stubs / name).exists():
                (stubs / name).symlink_to(real)

    def _stub(self, name, body, noted=True):
        path = self.top / "bin" / name
        note = f'printf "%s\\n" "{name} $(printf "%q " "$@" | tr "\\n" " ")" >>{self.log}\n' if noted else ""
        path.write_text(f"#!{which_program('bash')}\n{note}{body}\n")
        path.chmod(0o755)

    def dev(self, *arguments, **more):
        environment = {"PATH": str(self.top / "bin"), "HOME": str(self.top), "MILLM_CACHE": str(self.cache), "LANG": "C.UTF-8"}
        more.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen([which_program("bash"), str(TOP / "dev"), *arguments], env=environment, cwd=TOP, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def run(self, *arguments):
        process = self.dev(*arguments)
        out, errors = process.communicate(timeout=60)
        return process.returncode, out, errors

    def calls(self, name):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.startswith(name + " ")]


def which_program(name):
    for folder in ("/usr/bin", "/bin", "/usr/sbin", "/sbin", *os.environ.get("PATH", "").split(":")):
        if os.access(os.path.join(folder, name), os.X_OK):
            return os.path.join(folder, name)
    return None
