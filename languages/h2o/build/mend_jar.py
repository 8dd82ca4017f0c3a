"""Takes out of h2o.jar what no start here can use, and mends what it leaves to chance.

H2O asks Java for all public methods of a handler, in no certain order, and takes the first that has
the name. Where the compiler has added one of the same name, about one start in ten takes that, and
the server dies of its first request. So those that it added are made not public.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# XGBoost for CUDA, which is not here: a third of the wheel, unpacked into memory at each start.
FOREIGN = "lib/linux_64/libxgboost4j_gpu.so"
HANDLERS = (
    "water/api/CreateFrameHandler$CreateSimpleFrame.class",
    "water/api/JobsHandler$FetchJob.class",
    "water/api/RapidsHandler$StartSession4.class",
)
# A method's flags in a class file: synthetic, bridge, and in the first public.
ADDED, HIDDEN = b"\x10\x41", b"\x10\x40"
# 2020-01-01: what the JVM keeps of classes has in it when their archive was made.
FILE_TIME = 1577836800

jar = Path(sys.argv[1]).resolve()
with tempfile.TemporaryDirectory() as directory:
    with zipfile.ZipFile(jar) as archive:
        for name in HANDLERS:
            path = Path(archive.extract(name, directory))
            code = path.read_bytes()
            if code.count(ADDED) != 1:
                sys.exit(f"{name} is not as it was: see whether H2O still needs this")
            path.write_bytes(code.replace(ADDED, HIDDEN))
            os.utime(path, (FILE_TIME, FILE_TIME))
    subprocess.run(["zip", "--quiet", "-X", jar, *HANDLERS], cwd=directory, check=True)
subprocess.run(["zip", "--quiet", "--delete", jar, FOREIGN], check=True)
os.utime(jar, (FILE_TIME, FILE_TIME))
