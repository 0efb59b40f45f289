#!/usr/bin/env python3
"""test_package.py BUILD_DIR: makes the .deb, installs it by apt in a fresh Debian 13 root, and uses it there.

Wants the rights to make and enter a root (exit status 77, "skipped", without them). Debian's packages are kept in
$MILLM_CACHE/apt, so that only the first run fetches them.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

SKIPPED = 77
TOP = pathlib.Path(__file__).resolve().parents[2]
build = pathlib.Path(sys.argv[1]).resolve()
work = build / "package-test"
root = work / "root"
begun = time.monotonic()


def say(words):
    print(f"[{time.monotonic() - begun:5.1f} s] {words}", flush=True)


def call(command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))[:200]}\nexit status {done.returncode}\n{done.stdout[-6000:]}")
    return done.stdout


def inside(*command, user="0:0", mounts=()):
    """Command line that runs `command` in the fresh root, with the machine's /proc and /dev; gone with the command."""
    steps = ["mount --rbind /proc proc", "mount --rbind /dev dev", *(f"mount --bind '{path}' '.{at}'" for path, at in mounts)]
    script = "set -e; cd \"$0\"; " + "; ".join(steps) + f"; exec chroot --userspec={user} . " + \
             '/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/home/somebody DEBIAN_FRONTEND=noninteractive "$@"'
    return ["unshare", "-m", "sh", "-c", script, str(root), *command]


def make_package():
    call(["cpack", "--config", str(build / "CPackConfig.cmake"), "-B", str(work)])
    debs = list(work.glob("*.deb"))
    if len(debs) != 1:
        sys.exit(f"cpack made {len(debs)} packages in {work}")
    return debs[0]


def check_contents(deb):
    names = {line.split()[5] for line in call(["dpkg-deb", "--contents", str(deb)]).splitlines()}
    for pattern in (r"\./usr/bin/millm", r"\./usr/lib/[^/]+/millm/libmillm_engine_cpu\.so", r"\./usr/share/millm/sample-model/config\.json",
                    r"\./usr/share/applications/.*\.desktop", r"\./usr/share/metainfo/.*\.metainfo\.xml", r"\./usr/share/icons/hicolor/scalable/apps/millm\.svg",
                    r"\./usr/lib/systemd/user/millm\.service", r"\./usr/share/man/man1/millm\.1(\.gz)?", r"\./usr/share/doc/millm/copyright"):
        if not any(re.fullmatch(pattern, name) for name in names):
            sys.exit(f"{deb.name} lacks {pattern}; it has {sorted(names)}")
    stray = [name for name in names if re.search(r"/(include|cmake|tests?)/|\.a$", name)]
    if stray:
        sys.exit(f"{deb.name} has files of no use to anybody: {stray}")


def mirror():
    lists = [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*")]
    found = re.search(r"https?://\S+", "\n".join(path.read_text() for path in lists if path.is_file()))
    return [found.group(0)] if found else []


def install(deb):
    archives = pathlib.Path(os.environ.get("MILLM_CACHE", work)) / "apt"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    bound = f'mkdir -p "$1/var/cache/apt/archives"; mount --bind "{archives}" "$1/var/cache/apt/archives"'
    # The mount lives in a namespace of its own: nothing of it is left when this is over.
    call(["unshare", "-m", "mmdebstrap", "--mode=root", "--variant=apt", "--aptopt=APT::Install-Recommends \"false\"",
          "--aptopt=APT::Keep-Downloaded-Packages \"true\"", "--dpkgopt=force-unsafe-io", "--skip=cleanup/apt", f"--setup-hook={bound}",
          "trixie", str(root), *mirror()])
    say("made a fresh root")
    with open(root / "etc/passwd", "a") as accounts:
        accounts.write("somebody:x:1000:1000::/home/somebody:/bin/sh\n")
    (root / "home/somebody").mkdir()
    os.chown(root / "home/somebody", 1000, 1000)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy(deb, root / "tmp/millm.deb")
    call(inside("apt-get", "install", "-y", "-q", "/tmp/millm.deb", mounts=[(archives, "/var/cache/apt/archives")]))


def ask(url, body=None):
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def serve():
    """`millm serve` as an ordinary user: health, then a whole job with the sample model that the package brings."""
    with subprocess.Popen(inside("millm", "serve", "--port", "0", user="1000:1000"), stdout=subprocess.PIPE, stderr=open(work / "serve.log", "w"),
                          text=True) as server:
        try:
            line = server.stdout.readline()
            found = re.fullmatch(r"Listening on (http://127\.0\.0\.1:\d+)\n", line)
            if not found:
                sys.exit(f"millm serve said {line!r}\n{(work / 'serve.log').read_text()[-4000:]}")
            url = found.group(1)
            health = ask(url + "/api/health")
            say(f"health: {health}")
            model = ask(url + "/api/models", {"source": "local", "local_path": "/usr/share/millm/sample-model", "quantization": "FP16"})["data"]
            ask(f"{url}/api/models/{model['id']}/load?wait=true", {})
            answer = ask(url + "/v1/completions", {"model": model["name"], "prompt": "Once", "max_tokens": 4, "temperature": 0})
            if answer["usage"]["completion_tokens"] < 1:
                sys.exit(f"no token came: {answer}")
            say(f"generated {answer['choices'][0]['text']!r}")
        finally:
            server.send_signal(signal.SIGTERM)
        if server.wait(timeout=20) != 0:
            sys.exit(f"millm serve ended with {server.returncode} after SIGTERM\n{(work / 'serve.log').read_text()[-4000:]}")


def open_window():
    """The window comes up: every QML module that it imports was installed with the package."""
    window = subprocess.run(inside("timeout", "--preserve-status", "-s", "TERM", "15", "env", "QT_QPA_PLATFORM=offscreen", "QT_QUICK_BACKEND=software",
                                   "millm", "--port", "0", user="1000:1000"),
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    if window.returncode != 0 or re.search(r"is not installed|Cannot assign|failed to load|ReferenceError|TypeError", window.stdout):
        sys.exit(f"millm's window: exit status {window.returncode}\n{window.stdout[-4000:]}")


def main():
    if subprocess.run(["unshare", "-m", "mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL).returncode != 0:
        print("left out: only root that may mount makes and enters a fresh Debian root")
        sys.exit(SKIPPED)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    deb = make_package()
    say(f"made {deb.name}, {deb.stat().st_size >> 10} KiB")
    check_contents(deb)
    install(deb)
    say("installed the package by apt")
    version = call(inside("millm", "--version", user="1000:1000")).strip()
    wanted = "millm " + re.search(r"project\(millm VERSION ([0-9.]+)", (TOP / "CMakeLists.txt").read_text()).group(1)
    if version != wanted:
        sys.exit(f"millm --version says {version!r}, not {wanted!r}")
    serve()
    if any("usr/share/applications" in str(path) for path in (root / "usr/share/applications").glob("*miLLM.desktop")):
        open_window()
        say("opened the window")
    shutil.rmtree(root)
    say("1 package tried")


main()
