"""The real program, `millm serve`, with one model loaded."""
import json
import os
import signal
import subprocess
import tempfile
import urllib.request

PROGRAM = os.environ["MILLM_PROGRAM"]


class Server:
    def __init__(self, folder, name: str, options=()):
        self.name = name
        self._home = tempfile.TemporaryDirectory(prefix="millm-clients-")
        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "LD_LIBRARY_PATH", "OMP_NUM_THREADS")}
        self.log = open(os.path.join(self._home.name, "log"), "w+b")
        self._process = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--device", "cpu", "--dtype", "float32", "--data-dir", self._home.name + "/data", *options],
            env=kept | {"HOME": self._home.name, "HF_HUB_OFFLINE": "1"}, cwd=self._home.name, stdout=subprocess.PIPE, stderr=self.log)
        line = self._process.stdout.readline().decode()
        if not line.startswith("Listening on "):
            raise RuntimeError(f"the server ended before it listened: {self.said()}")
        self.url = line.removeprefix("Listening on ").strip()
        self.openai = self.url + "/v1"
        model = self.call("POST", "/api/models", {"source": "local", "local_path": str(folder), "quantization": "FP16", "custom_name": name})
        self.call("POST", f"/api/models/{model['id']}/load?wait=true", {"force": True})

    def call(self, method: str, path: str, body=None):
        """What a call of the management interface answers; raises what is no success."""
        request = urllib.request.Request(self.url + path, None if body is None else json.dumps(body).encode(),
                                         {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)["data"]

    def alive(self) -> bool:
        return self._process.poll() is None

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait(60)
        said = self.said()
        self.log.close()
        self._home.cleanup()
        assert status == 0, f"the server ended with {status}: {said[-2000:]}"
