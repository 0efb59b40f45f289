"""The files of the project, for the checks in this folder."""
import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
IGNORED = {"build", "node_modules", ".git", "data", ".cache", "__pycache__"}


def files(top=TOP):
    """Paths relative to `top` of what git knows or would add; without git, of all but build output."""
    try:
        listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"], cwd=top,
                                check=True, capture_output=True).stdout.decode().split("\0")
        found = [pathlib.Path(name) for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path.relative_to(top) for path in top.rglob("*") if not IGNORED & set(path.relative_to(top).parts)]
    return sorted(path for path in found if (top / path).is_file())
