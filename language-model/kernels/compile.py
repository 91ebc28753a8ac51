"""Compiles scripted kernels: python compile.py MODULE.py [...]

Writes MODULE.pt beside each source, with the source inside as "source.py", and those of the parts it uses under their
names, so that a test can tell whether they agree.
Needs torch; users of the project do not.
"""

import importlib.util
import io
import pathlib
import sys
import zipfile

import torch

KERNELS = pathlib.Path(__file__).parent.parent / "src/main/resources/dev/respec/model/kernels"
sys.path.insert(0, str(KERNELS))
# modules that others are made of, by their class
PARTS = {"Matrices": "matrices.py", "LayerPass": "layer_pass.py"}


def compile_kernel(path: pathlib.Path) -> None:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kernel = getattr(module, path.stem.title().replace("_", ""))
    scripted = torch.jit.script(kernel().eval())
    whole = io.BytesIO()
    sources = {"source.py": path.read_bytes()}
    for part, file in PARTS.items():
        if hasattr(module, part):
            sources[file] = (KERNELS / file).read_bytes()
    torch.jit.save(scripted, whole, _extra_files=sources)
    # debug tables carry absolute paths of the machine that compiled; everything else is kept as it is
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path.with_suffix(".pt"), "w", zipfile.ZIP_STORED) as target:
        for entry in source.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                target.writestr(zipfile.ZipInfo(entry.filename), source.read(entry))


for name in sys.argv[1:]:
    compile_kernel(pathlib.Path(name))
    print(name, "compiled")
