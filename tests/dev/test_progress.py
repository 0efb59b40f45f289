#!/usr/bin/env python3
"""What ./dev shows while it builds and while it makes its root."""
import os
import pathlib
import pty
import subprocess
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
NINJA = ("ninja: Entering directory `build'\n[0/2] Re-checking globbed directories...\n[1/40] Building CXX object a.o\n"
         "a.cpp:1: warning: strange\n[40/40] Linking CXX executable a\n")


def shown(call, given, terminal):
    """Standard output and standard error of a function of tools/progress.sh."""
    script = f'say() {{ printf "dev: %s\\n" "$*" >&2; }}; . "{TOP}/tools/progress.sh"; {call}'
    if not terminal:
        done = subprocess.run(["bash", "-euc", script], input=given, text=True, capture_output=True, timeout=60)
        return done.stdout, done.stderr
    ours, theirs = pty.openpty()
    with subprocess.Popen(["bash", "-euc", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        out, _ = process.communicate(given, timeout=60)
    errors = b""
    try:
        while piece := os.read(ours, 4096):
            errors += piece
    except OSError:  # the terminal's end
        pass
    os.close(ours)
    return out, errors.decode()


class Progress(unittest.TestCase):
    def test_nothing_to_do_says_nothing(self):
        given = "ninja: Entering directory `build'\n[0/2] Re-checking globbed directories...\nninja: no work to do.\n"
        self.assertEqual(shown('watch_build "building (dev)"', given, terminal=False), ("", ""))

    def test_a_log_has_one_line_and_what_compilers_say(self):
        out, errors = shown('watch_build "building (dev)"', NINJA, terminal=False)
        self.assertEqual(out, "a.cpp:1: warning: strange\n")
        self.assertEqual(errors, "dev: building (dev)\n")

    def test_a_terminal_has_one_line_that_renews_itself(self):
        _, errors = shown('watch_build "building (dev)"', NINJA, terminal=True)
        self.assertIn("\r\033[Kdev: 1 of 40 steps", errors)
        self.assertTrue(errors.endswith("\r\033[Kdev: 40 of 40 steps\r\033[K"), repr(errors))
        self.assertEqual(errors.count("\n"), 1, repr(errors))  # of "building (dev)"

    def test_time_left_is_told_by_the_pace_so_far(self):
        # The clock of a shell can be set: a quarter of the steps took five minutes.
        script = "SECONDS=300; words() { about $((SECONDS * (40 - 10) / 10)); }; words; about 20"
        self.assertEqual(shown(script, "", terminal=False)[0], "about 15 min\nless than a minute\n")

    def test_a_log_hears_now_and_then_how_far_it_is(self):
        script = "SECONDS=0 progress_said=0; progress 'dev: 1 of 9 steps'; SECONDS=31; progress 'dev: 2 of 9 steps'; progress 'dev: 3 of 9 steps'"
        self.assertEqual(shown(script, "", terminal=False)[1], "dev: 2 of 9 steps\n")

    def test_making_the_root_counts_packages_and_keeps_the_log(self):
        given = "0 upgraded, 3 newly installed, 0 to remove\nGet:1 a\nUnpacking a (1) ...\nUnpacking b (1) ...\nSetting up a (1) ...\n"
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            _, errors = shown(f'watch_root "{log}"', given, terminal=True)
            self.assertEqual(log.read_text(), given)
        self.assertIn("dev: unpacking, 2 of 3 packages", errors)
        self.assertIn("dev: setting up, 1 of 3 packages", errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
