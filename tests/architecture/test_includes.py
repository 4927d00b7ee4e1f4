"""Every #include of ours follows the direction of dependencies: a folder includes itself and the folders below it."""
import pathlib
import re
import sys

ORDER = "support equation loop ast syntax std elaborate adjoint lower emit jit teach driver".split()
ONLY = {"yaml.h": {"syntax"}, "jansson.h": {"runtime"}, "zlib.h": {"runtime", "teach"}, "xxhash.h": {"driver"},
        "dlfcn.h": {"driver", "jit"}}  # libraries that one folder knows

root = pathlib.Path(sys.argv[1])
bad = count = 0
for path in sorted(root.glob("compiler/*/**/*")) + sorted(root.glob("runtime/**/*")):
    if path.suffix not in {".c", ".h", ".y", ".l", ".def"}:
        continue
    parts = path.relative_to(root).parts
    folder = parts[0] if parts[0] == "runtime" else parts[1]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if not match:
            continue
        count += 1
        name = match[1]
        target = name.split("/")[0] if "/" in name else folder
        wrong = (target in ORDER and (folder == "runtime" or ORDER.index(target) > ORDER.index(folder))
                 or folder not in ONLY.get(name, {folder})
                 or name.startswith("llvm-c/") and folder not in {"emit", "jit"}
                 or ".." in name.split("/"))
        if wrong:
            print(f"{path.relative_to(root)}:{number}: {folder} must not include {name}")
            bad += 1
print(f"{count} includes, {bad} against the direction")
sys.exit(1 if bad or count < 50 else 0)
