"""What is in an image: syft's SPDX document of its packages, Debian's, wheels, jars and others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_builder.errors import BuilderError, MissingToolError
from polykernel_builder.labels import OCI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polykernel_builder.catalog import Tree

MEDIA_TYPE = "application/spdx+json"
LAST_LINES = 5
# No question of its makers' whether there is a newer one; files are listed by no package.
SETTINGS = {"SYFT_CHECK_FOR_APP_UPDATE": "false", "SYFT_FILE_METADATA_SELECTION": "none"}


def inventory(
    tree: Tree, engine_host: str, name: str, image_id: str, labels: Mapping[str, str]
) -> Path:
    """The document's file, in the clone's cache: made once for an image id.

    The same image gives the same bytes: it bears the image's own time, and a name made of its id.

    Raises:
        MissingToolError: syft is not there.
        BuilderError: it failed.
    """
    path = tree.cache / "sbom" / f"{image_id.partition(':')[2]}.spdx.json"
    if not path.exists():
        document = json.loads(_scan(engine_host, name, image_id))
        document["documentNamespace"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, image_id)}"
        document["creationInfo"]["created"] = labels[f"{OCI}created"]
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(path)
    return path


def _scan(engine_host: str, name: str, image_id: str) -> str:
    beside = Path(sys.executable).with_name("syft")
    syft = str(beside) if beside.exists() else shutil.which("syft")
    if syft is None:
        raise MissingToolError("syft is not there; make the environment anew: ./quickstart")
    command = [syft, "scan", f"docker:{image_id}", "--quiet", "--output", "spdx-json"]
    command += ["--source-name", f"polykernel/{name}", "--source-version", image_id]
    environment = {**os.environ, **SETTINGS, "DOCKER_HOST": engine_host}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        last = "\n".join(result.stderr.strip().splitlines()[-LAST_LINES:])
        raise BuilderError(
            f"polykernel/{name}: syft could not look into the image; it says:\n{last}"
        )
    return result.stdout
