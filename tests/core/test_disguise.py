"""No name matters: every layer, block, argument, tensor and index of a spec and of the library gets a random name, and the
C of both styles comes out the same up to names. A compiler that knew a layer, or one of our models, would be found out here.
"""
import random
import re

from harness import SOURCE, SPECS, equal, main, run, write

TOKEN = re.compile(r'#[^\n]*|"[^"\n]*"|\d+\.?\d*(?:[eE][-+]?\d+)?|[A-Za-z_]\w*|\.\.|->|\|>|//|[<>=!+]=|.|\n')

# Words of the language and names that belong to others: settings, optimizers, functions, initialisers.
FIXED = set("""model precision f32 f64 input target param state let require import layer block network loss metric data train
sweep const update for when training if then else and or not repeat true false in class inf pi N REST _
sum prod mean max min argmax argmin batch_sum batch_mean abs exp log log1p expm1 sqrt rsqrt sin cos tanh sigmoid softplus
erf sign floor stop pad bernoulli uniform01 uniform normal xavier_uniform xavier_normal kaiming_uniform kaiming_normal
zeros ones file gain a std reshape concat transpose slice stack split axis""".split())


def tokens(text):
    return TOKEN.findall(text)


def library():
    return "\n".join(path.read_text() for path in sorted((SOURCE / "compiler" / "std").glob("*.net")))


def definitions(text):
    """The layers and blocks of a text, by name, as text."""
    found = {}
    for match in re.finditer(r"^(?:layer|block) (\w+)", text, re.M):
        depth, at = 0, text.index("{", text.index(")", match.end()))
        for at in range(at, len(text)):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            if depth == 0 and text[at] == "}":
                break
        found[match.group(1)] = text[match.start():at + 1]
    return found


def split_settings(text):
    """The spec without, and with only, its data, train and sweep parts, whose words are settings."""
    settings = re.findall(r"^(?:data|train) \{.*?\n\}|^sweep .*$", text, re.M | re.S)
    for part in settings:
        text = text.replace(part, "")
    return text, settings


def new_name(old, rng, used):
    while True:
        first = rng.choice("ABCDEFGHJKLM" if old[0].isupper() else "abcdefghjklm")
        name = first + "".join(rng.choice("bcdfghjkmnpqrstvwxz") for _ in range(6))
        if name not in used:
            used.add(name)
            return name


def closure(spec, layers):
    """The library's layers that the spec uses, and those they use."""
    wanted, found = set(re.findall(r"\w+", spec)), {}
    for metric in re.findall(r"^metric (\w+)", spec, re.M):
        wanted |= {name for name in layers if name.lower() == metric.replace("_", "")}
    while True:
        more = {name for name in layers if name in wanted and name not in found}
        if not more:
            return found
        for name in more:
            found[name] = layers[name]
            wanted |= set(re.findall(r"\w+", layers[name]))


def disguise(spec, seed):
    rng, used, names = random.Random(seed), set(FIXED), {}
    body, settings = split_settings(spec)
    parts = closure(body, definitions(library()))
    head, rest = body[:body.index("\n", body.index("model "))], body[body.index("\n", body.index("model ")):]
    text = head + "\n" + "\n".join(parts.values()) + rest

    def rename(word):
        if not re.match(r"[A-Za-z_]", word) or word in FIXED:
            return word
        for name in parts:  # `metric accuracy` means the layer Accuracy
            if word not in parts and word == name.lower() and f"metric {word}" in body:
                return names.setdefault(name, new_name(name, rng, used))
        return names.setdefault(word, new_name(word, rng, used))

    text = "".join(rename(word) for word in tokens(text) if not word.startswith("#"))
    renamed = ["".join(names.get(word, word) if was_input(word, body) else word for word in tokens(part))
               for part in settings]
    return text + "\n" + "\n".join(renamed) + "\n"


def was_input(word, body):
    """Inline data name the inputs; all else in settings is no name of the spec."""
    return word.isidentifier() and re.search(rf"^(?:input|target)\b[^\n]*\b{word}\b", body, re.M) is not None


STYLES = "plain", "fast"
DECLARES = "int", "float", "double", "vec", "vec_int"
C_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:[^"\\]|\\.)*"|0x[0-9a-f.p+-]+|[A-Za-z_]\w*|\d[\w.]*|\S', re.S)
C_WORDS = set("""int const static inline float double void for if else return enum typedef struct restrict include define
uint64_t uint32_t int32_t sizeof""".split())


def canonical(c):
    """C without comments, strings and streams, every name replaced by the number of its last declaration."""
    number, out, before = {}, [], ""
    c = re.sub(r"^#.*$", "", c, flags=re.M)
    c = re.sub(r"^static inline .*?(?:\}\n$|^\}$)", "", c, flags=re.M | re.S)  # helpers, whose names are their own
    words = [word for word in C_TOKEN.findall(c) if not word.startswith(("//", "/*", '"'))]
    for word, after in zip(words, words[1:] + [""]):
        if word.startswith("0x") and len(word) > 12:
            word = "STREAM"
        elif re.match(r"[A-Za-z_]", word) and word not in C_WORDS:
            declared = before == "restrict" or (before in DECLARES and after in "=;")
            if declared or word not in number:
                number[word] = f"name{len(out)}"
            before, word = word, number[word]
            out.append(word)
            continue
        out.append(word)
        before = word
    return "\n".join(out)


def emitted(folder, path, style):
    run("emit", path, "-o", folder, "--style", style)
    return "".join(canonical(file.read_text()) for file in sorted(folder.glob("*.[ch]"), key=lambda f: f.suffix))


def check(folder, name):
    spec = (SPECS / name).read_text()
    wanted = {}
    for style in STYLES:
        (folder / style).mkdir()
        wanted[style] = emitted(folder / style, SPECS / name, style)
    for seed in range(3):
        text = disguise(spec, seed)
        for word in ("Conv2d", "Linear", "BatchNorm", "weight", "convblock"):
            shown = split_settings(re.sub(r'"[^"\n]*"', "", text))[0]
            assert word not in shown, f"{word} shows through the disguise"
        for style in STYLES:
            hidden = folder / f"{style}{seed}"
            hidden.mkdir()
            equal(emitted(hidden, write(folder, f"hidden{seed}.net", text), style), wanted[style],
                  f"C of {name} in style {style} under seed {seed}")


def test_backprop(folder):
    check(folder, "backprop.net")


def test_layers(folder):
    check(folder, "sigmoid_2_2_2.net")


def test_conv_block(folder):
    check(folder, "mnist_convblock.net")


def test_custom_layers(folder):
    check(folder, "custom_layers.net")


main()
