#!/usr/bin/env python3
"""How ./dev makes and enters its root, on machines that allow more or less."""
import os
import signal
import sys
import unittest

from machine import Machine

TRACED = "this account may not mount here"


class Ways(unittest.TestCase):
    def test_root_that_may_mount_uses_a_namespace(self):
        machine = Machine(self, "root", mounts=True)
        # The stub of unshare runs nothing, so mmdebstrap is not reached: how it is called is what counts.
        machine.run("shell", "true")
        self.assertTrue(any("mmdebstrap --mode=root" in call for call in machine.calls("unshare")), machine.calls("unshare"))
        self.assertEqual(machine.calls("proot"), [])

    def test_root_that_may_not_mount_uses_chroot_and_proot(self):
        machine = Machine(self, "root", mounts=False)
        status, out, errors = machine.run("shell", "echo", "inside")
        self.assertEqual((status, out), (0, "inside\n"), errors)
        self.assertEqual(errors.count(TRACED), 1, errors)
        self.assertEqual(len(machine.calls("mmdebstrap")), 1)
        self.assertIn("--mode=root", machine.calls("mmdebstrap")[0])
        entered = machine.calls("proot")[-1]
        self.assertIn(f"-r {machine.cache}/root ", entered)
        for path in ("/proc", "/dev", "/tmp"):
            self.assertIn(f"-b {path}:{path} ", entered)
        # PostgreSQL refuses to be root, and nobody can become another user under proot.
        self.assertIn("-i 1000:1000 ", entered)
        self.assertIn("millm:x:1000:1000:", (machine.cache / "passwd").read_text())

    def test_a_root_that_is_complete_is_entered_without_a_word(self):
        machine = Machine(self, "root", mounts=False)
        machine.run("shell", "true")
        status, out, errors = machine.run("shell", "echo", "again")
        self.assertEqual((status, out, errors), (0, "again\n", ""))
        self.assertEqual(len(machine.calls("mmdebstrap")), 1)

    def test_a_package_that_is_gone_is_added(self):
        machine = Machine(self, "root", mounts=False)
        machine.run("shell", "true")
        (machine.cache / "root/var/lib/dpkg/info/ninja-build.list").unlink()
        status, _, errors = machine.run("shell", "true")
        self.assertEqual(status, 0, errors)
        self.assertIn("adding 1 packages", errors)
        self.assertIn("ninja-build", machine.calls("chroot")[-1])

    def test_user_that_may_not_mount_uses_proot_for_both(self):
        machine = Machine(self, "somebody", mounts=False)
        status, out, errors = machine.run("shell", "echo", "inside")
        self.assertEqual((status, out), (0, "inside\n"), errors)
        self.assertEqual(errors.count(TRACED), 1, errors)
        self.assertIn("--mode=chrootless", machine.calls("mmdebstrap")[0])
        installs = [call for call in machine.calls("proot") if "apt-get" in call]
        self.assertTrue(installs and all(" -0 " in call for call in installs), machine.calls("proot"))
        self.assertIn("-i 4711:4711 ", machine.calls("proot")[-1])

    def test_user_without_proot_is_told_what_to_install(self):
        machine = Machine(self, "somebody", mounts=False, lacks=("proot",))
        status, _, errors = machine.run("shell", "true")
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"lacks proot; install once: sudo apt-get install proot\n")

    def test_user_without_subordinate_ids_still_gets_a_root(self):
        machine = Machine(self, "somebody", mounts=True, lacks=("newuidmap",))
        machine.run("shell", "true")
        self.assertIn("--mode=chrootless", machine.calls("mmdebstrap")[0])
        self.assertTrue(machine.calls("unshare")[-1].startswith("unshare -Ur -m "), machine.calls("unshare")[-1])

    def test_a_root_of_other_ids_is_made_anew(self):
        if os.getuid() != 0:
            self.skipTest("only root can make a file of another id")
        machine = Machine(self, "somebody", mounts=False)
        machine.run("shell", "true")  # whose files belong to root, not to "somebody"
        (machine.cache / "root/var/lib/dpkg/info/ninja-build.list").unlink()
        status, _, errors = machine.run("shell", "true")
        self.assertEqual(status, 0, errors)
        self.assertIn("making it anew", errors)
        self.assertEqual(len(machine.calls("mmdebstrap")), 2)

    def test_exit_status_and_signals_pass_through_proot(self):
        machine = Machine(self, "root", mounts=False)
        self.assertEqual(machine.run("shell", "bash", "-c", "exit 7")[0], 7)
        # The signal waits until it is asked for: a shell's `trap` and `read` would lose one that comes between them.
        waits = ("import signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]); print('ready', flush=True); "
                 "sys.exit(5 if signal.sigtimedwait([signal.SIGTERM], 50) else 6)")
        with machine.dev("shell", sys.executable, "-c", waits) as process:
            self.assertEqual(process.stdout.readline(), "ready\n")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=60), 5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
