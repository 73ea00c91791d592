"""Loaded by every Python process of a system under test: kills its own process at one exact point, once.

`LIANBAN_TEST_CRASH=point:file`; the process that reaches the point while the file exists removes it and dies as
by `kill -9`. Points: `before_publish` (rows are committed, nothing is sent), `before_delete` (sent and
acknowledged, the rows still stand).
"""

import os
import signal
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.util import find_spec

MODULE = "kernel.messaging.outbox"
POINTS = {"before_publish": "lowest", "before_delete": "delete"}


class _Patching(Loader):
    def __init__(self, real):
        self.real = real

    def create_module(self, spec):
        return self.real.create_module(spec)

    def exec_module(self, module):
        self.real.exec_module(module)
        point, armed = os.environ["LIANBAN_TEST_CRASH"].split(":", 1)
        name = POINTS[point]
        setattr(module, name, _dying(getattr(module, name), point, armed))


class _Finder(MetaPathFinder):
    def find_spec(self, fullname, path, target=None):
        if fullname != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        spec.loader = _Patching(spec.loader)
        return spec


def _dying(real, point, armed):
    async def dying(*args, **kwargs):
        answer = await real(*args, **kwargs) if point == "before_publish" else None
        if (answer or point == "before_delete") and os.path.exists(armed):
            os.unlink(armed)
            os.kill(os.getpid(), signal.SIGKILL)
        return answer if point == "before_publish" else await real(*args, **kwargs)

    return dying


if os.environ.get("LIANBAN_TEST_CRASH"):
    sys.meta_path.insert(0, _Finder())
