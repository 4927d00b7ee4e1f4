"""Formulas of a derivation page read back from their MathML and evaluated.

A formula becomes a tree of tuples. Its indices become the axes of arrays, in one order for the whole formula, so that a
sum is a sum over an axis, and a read `x[n, 2p + r]` picks elements with whole-number arrays. Values are PyTorch's, in double
precision: what is computed forward from the printed equations can be differentiated by PyTorch.

    page = Page(html)            # page.symbols: {name in the spec: (what it is, shape, value cell)}; page.samples: in the batch
    page.forward                 # [(left, sign, right)]
    page.steps                   # {"step-7": Step}: its title's tensor, its formulas
    evaluate(page, formula, values, gradients)      # the array that the formula defines
    rounded(page, tree)          # of a row of numbers: its value, and how far rounded numbers may take it
"""
import re
import sys
import xml.etree.ElementTree as tree

try:
    import torch
except ImportError:
    print("skipped: no PyTorch (apt-get install python3-torch)")
    sys.exit(77)

SIGNS = {"=": "=", "+": "+", "−": "-", "·": "*", "<": "<", "≤": "<=", ",": ",", "⋯": "...", "+=": "+=", "→": "->"}
FUNCTIONS = {"σ": torch.sigmoid, "ln": torch.log, "tanh": torch.tanh, "log1p": torch.log1p, "expm1": torch.expm1, "sin": torch.sin,
             "cos": torch.cos, "erf": torch.erf, "softplus": torch.nn.functional.softplus, "sign": torch.sign, "floor": torch.floor}


def text(node):
    return "".join(node.itertext()).strip("\xa0 ")


def is_word(node, word):
    return node.tag in ("mi", "mo", "mtext") and text(node) == word


class Page:
    """The symbols, equations and steps of one derivation."""

    def __init__(self, html):
        body = tree.fromstring(html.replace("<!DOCTYPE html>\n", "")).find("body")
        self.symbols, self.names = {}, {}
        part = {s.get("id"): s for s in body.iter("section")}
        for row in part["symbols"].iter("tr"):
            cells = list(row)
            if cells[0].tag == "th":
                continue
            name = text(cells[1])
            shape = [int(n) for n in re.findall(r"\d+", text(cells[3]))]
            self.symbols[name] = (text(cells[2]), shape, text(cells[4]) if len(cells) > 4 else "")
            self.names[self.key(cells[0].find("math")[0], True)[0]] = name
        samples = re.search(r"with a batch of (\d+) samples", "".join(body.itertext()))
        self.samples = int(samples[1]) if samples else 1
        self.shapes = {name: shape for name, (_, shape, _) in self.symbols.items()}
        self.forward = [f for block in self.blocks(part["forward"]) for f in block if f[0]]
        self.steps = {name: Step(self, s) for name, s in part.items() if name and name.startswith("step-")}

    def blocks(self, section):
        """The displays of a section, each a list of (left or None, sign, right)."""
        found = []
        for table in (t for d in section.iter("div") if d.get("class") == "formulas" for t in d.iter("mtable") if t.get("columnalign")):
            rows = []
            for left, right in table:
                if len(left) or is_word(right[0], "="):
                    rows.append((list(left), list(right)))
                else:
                    rows[-1][1].extend(n for n in right if n is not right[0] or n.tag != "mspace")  # a long sum goes on
            found.append([self.formula(*row) for row in rows])
        return found

    def formula(self, left, right):
        start = next(i for i, n in enumerate(right) if n.tag == "mo" and text(n) in ("=", "+=", "−"))
        sign, domain = text(right[start]), len(right)
        for i, n in enumerate(right):
            if is_word(n, "for"):
                domain = i
        value = self.parse(right[start + (sign != "−"):domain])
        if domain < len(right):
            value = ("domain", *self.limits(self.parse(right[domain + 1:])), value)
        return (self.parse([n for n in left if not is_word(n, "→")]) if left else None, sign, value)

    @staticmethod
    def limits(node):
        """r < 2, s < 2 and further conditions as ({"r": 2, "s": 2}, the rest or None)."""
        if node[0] == "and":
            a, first = Page.limits(node[1])
            b, second = Page.limits(node[2])
            return {**a, **b}, ("and", first, second) if first and second else first or second
        if node[0] == "<" and node[1][0] == "index" and node[2][0] == "number":
            return {node[1][1]: int(node[2][1])}, None
        return {}, node

    # --- names

    def key(self, node, is_symbol=False):
        """((base, word below, path above), what stands below as lists of nodes)."""
        if node.tag == "mi":
            return (text(node), None, None), []
        path = text(node[-1]) if node.tag in ("msup", "msubsup") else None
        if node.tag == "msup":
            return (text(node[0]), None, path), []
        items, below = [[]], list(node[1])
        for n in below:
            if n.tag == "mo" and text(n) == ",":
                items.append([])
            else:
                items[-1].append(n)
        word = text(items[0][0]) if len(items[0]) == 1 and items[0][0].tag == "mi" else None
        with_word = (text(node[0]), word, path)
        plain = (text(node[0]), None, path)
        # "a_h1" and "a[h1]" look alike: the table of symbols knows.
        if word and (is_symbol or with_word in self.names or (plain not in self.names and len(word) > 1)):
            return with_word, items[1:]
        return plain, items

    def tensor(self, node):
        key, items = self.key(node)
        if key not in self.names:
            if node.tag == "mi":
                return ("index", text(node))
            self.names[key] = "_".join(filter(None, key))  # a name for a part that several sums share
        return ("read", self.names[key], [self.parse(i) for i in items])

    # --- a row of nodes

    def parse(self, nodes):
        row = Row(self, nodes)
        result = row.condition()
        assert row.at == len(row.nodes), [tree.tostring(n) for n in row.nodes[row.at:]]
        return result

    def atom(self, node):
        if node.tag == "mn":
            return ("number", float(text(node).replace("−", "-")))
        if node.tag == "msqrt":
            return ("call", torch.sqrt, [self.parse(list(node))])
        if node.tag == "mfrac":
            above, below = list(node[0]), list(node[1])
            if is_word(above[0], "∂"):
                return ("gradient", self.tensor(above[1]), self.tensor(below[1]))
            return ("/", self.parse(above), self.parse(below))
        if node.tag == "msup" and node[1].tag == "mo":
            return ("index", text(node))
        if node.tag == "msup" and node[1].tag in ("mn", "mrow"):
            exponent = self.parse([node[1]])
            return ("call", torch.exp, [exponent]) if is_word(node[0], "e") else ("^", self.parse([node[0]]), exponent)
        if node.tag == "mtext":
            return ("words", text(node))
        if node.tag == "mrow":
            return self.bracket(list(node))
        if node.tag == "mi" and text(node) == "N":
            return ("samples",)
        if node.tag in ("mi", "msub", "msup", "msubsup"):
            return self.tensor(node)
        raise AssertionError(tree.tostring(node))

    def bracket(self, inside):
        if is_word(inside[0], "("):
            inside = inside[1:-1]
        elif is_word(inside[0], "|"):
            return ("call", torch.abs, [self.parse(inside[1:-1])])
        elif is_word(inside[0], "{"):
            (value, condition), (other, _) = [[list(cell) for cell in row] for row in inside[1]]
            return ("if", self.parse(condition[1:]), self.parse(value), self.parse(other))
        items = [[]]
        for node in inside:
            if node.tag == "mo" and node.get("separator") and text(node) == ",":
                items.append([])
            else:
                items[-1].append(node)
        return self.parse(items[0]) if len(items) == 1 else ("list", [self.parse(i) for i in items])


class Step:
    """What one step says about the derivative of the loss by one tensor."""

    def __init__(self, page, section):
        title = section.find("h3").find("math")[0]
        node = page.parse([title])
        self.is_gradient = node[0] == "gradient"
        self.name = node[2][1] if self.is_gradient else node[1]
        self.text, blocks = "".join(section.itertext()), page.blocks(section)
        own = [b for b in blocks if b[0][0] and self.is_result(b[0][0])]
        # Before it stand the local derivatives; behind it, for small networks, the same with everything put in.
        self.results = own[-2:] if "With everything before it put in" in self.text else own[-1:]
        # Rows of numbers: the numbers put in, then what comes out.
        self.rows = [[f for f in b if is_numeric(f[2])] for b in blocks]

    def is_result(self, left):
        if not self.is_gradient:
            return left[0] == "read" and left[1] == self.name
        subscripts = left[2][2] if left[0] == "gradient" else None
        return (subscripts is not None and left[2][1] == self.name and not left[1][2]
                and (not subscripts or any(s[0] != "number" for s in subscripts)))


def is_numeric(node):
    return all(n[0] not in ("read", "gradient", "index", "reduce", "samples", "...", "words") for n in walk(node))


class Row:
    """Recursive descent over nodes that stand side by side. Adjacent factors are multiplied."""

    def __init__(self, page, nodes):
        self.page, self.nodes, self.at = page, nodes, 0

    def sign(self):
        node = self.nodes[self.at] if self.at < len(self.nodes) else None
        return SIGNS.get(text(node)) if node is not None and node.tag == "mo" else None

    def take(self, *signs):
        found = self.sign()
        if found not in signs:
            return None
        self.at += 1
        return found

    def condition(self):
        left = self.comparison()
        while True:
            if self.take(","):
                left = ("and", left, self.comparison())
            elif self.at < len(self.nodes) and is_word(self.nodes[self.at], "or"):
                self.at += 1
                left = ("or", left, self.comparison())
            else:
                return left

    def comparison(self):
        if self.at < len(self.nodes) and is_word(self.nodes[self.at], "not"):
            self.at += 1
            return ("not", self.comparison())
        left = self.sum()
        while True:
            sign = self.take("=", "<", "<=", "->")
            if not sign:
                return left
            right = self.sum()
            chained = left[0] in ("<", "<=")  # 1 <= p + r <= 7
            left = ("and", left, (sign, left[2], right)) if chained else (sign, left, right)

    def sum(self):
        left = ("neg", self.product()) if self.take("-") else self.product()
        while True:
            sign = self.take("+", "-")
            if not sign:
                return left
            left = (sign, left, self.product())

    def product(self):
        left = self.factor()
        while self.at < len(self.nodes):
            node = self.nodes[self.at]
            if node.tag == "mspace" or self.sign() == "*":
                self.at += 1
            elif node.tag == "mo" or (node.tag == "mtext" and text(node) in ("or", "for", "if")):
                break
            left = ("*", left, self.factor())
        return left

    def factor(self):
        node = self.nodes[self.at]
        self.at += 1
        if node.tag == "mo" and text(node) == "⋯":
            return ("...",)
        if node.tag == "munder":
            return self.reduction(node)
        follows = self.nodes[self.at] if self.at < len(self.nodes) else None
        calls = follows is not None and follows.tag == "mrow" and len(follows) and is_word(follows[0], "(")
        if calls and node.tag in ("mi", "mtext") and (text(node) in FUNCTIONS or text(node) in ("stop", "max", "min")):
            self.at += 1
            inside = self.page.atom(follows)
            arguments = inside[1] if inside[0] == "list" else [inside]
            return ("call", FUNCTIONS.get(text(node), text(node)), arguments)
        return self.page.atom(node)

    def reduction(self, node):
        word, below = text(node[0]), node[1]
        rows = [list(row[0]) for row in below[0]] if len(below) and below[0].tag == "mtable" else [list(below)]
        parsed = self.page.parse(rows[0])
        limits, _ = Page.limits(parsed)
        indices = [n[1] for n in walk(parsed) if n[0] == "index"]
        guard = None
        for row in rows[1:]:
            guard = ("and", guard, self.page.parse(row)) if guard else self.page.parse(row)
        return ("reduce", word, indices, limits, guard, self.product())


# --- evaluation

def walk(node):
    if isinstance(node, tuple):
        yield node
    if isinstance(node, (tuple, list)):
        for part in node:
            yield from walk(part)


def extents(formula, shapes):
    """The size of each index, from the axes on which it stands alone and from what the sums say."""
    found = {}
    for node in walk(formula):
        if node[0] == "read" and node[1] in shapes:
            for item, size in zip(node[2], shapes[node[1]]):
                if item[0] == "index":
                    assert found.setdefault(item[1], size) == size, (item, formula)
        elif node[0] == "reduce":
            found.update(node[3])
        elif node[0] == "domain":
            found.update(node[1])
    return found


class Evaluation:
    def __init__(self, page, formula, values, gradients):
        self.values, self.gradients, self.samples = values, gradients, page.samples
        self.extent, self.numbers = extents(formula, page.shapes), []
        self.order = list(self.extent)

    def index(self, name):
        assert name in self.order, f"the page does not say how far {name} runs"
        shape = [1]*len(self.order)
        shape[self.order.index(name)] = self.extent[name]
        return torch.arange(self.extent[name]).reshape(shape)

    def pick(self, array, subscripts):
        """Elements; what a condition excludes may lie outside, and is taken from the rim."""
        if not subscripts:
            return array
        at = [torch.as_tensor(self.value(s)).long().clamp(0, size - 1) for s, size in zip(subscripts, array.shape)]
        assert len(subscripts) == array.dim(), (subscripts, array.shape)
        return array[tuple(at)]

    def value(self, node):
        kind = node[0]
        if kind == "number":
            whole = node[1] == int(node[1])
            if whole:
                return torch.tensor(int(node[1]))
            self.numbers.append(torch.tensor(node[1], dtype=torch.float64, requires_grad=True))
            return self.numbers[-1]
        if kind == "index":
            return self.index(node[1])
        if kind == "samples":
            return torch.tensor(self.samples)
        if kind == "read":
            return self.pick(self.values[node[1]], node[2])
        if kind == "gradient":
            return self.pick(self.gradients[node[2][1]], node[2][2])
        if kind == "neg":
            return -self.value(node[1])
        if kind == "if":
            condition, a, b = map(self.value, node[1:])
            return torch.where(condition, a.double(), b.double())
        if kind == "not":
            return ~self.value(node[1])
        if kind == "call":
            return self.call(node[1], [self.value(a) for a in node[2]])
        if kind == "domain":
            return self.value(node[3]) if node[2] is None else torch.where(self.value(node[2]), self.value(node[3]).double(), 0.0)
        if kind == "reduce":
            return self.reduce(*node[1:])
        if kind == "words":
            return {"true": torch.tensor(True), "false": torch.tensor(False)}[node[1]]
        return self.binary(kind, self.value(node[1]), self.value(node[2]))

    @staticmethod
    def binary(kind, a, b):
        if kind == "/":
            return a.double()/b.double()
        if kind == "^":
            return a.double()**b.double()
        return {"+": torch.add, "-": torch.sub, "*": torch.mul, "<": torch.lt, "<=": torch.le, "=": torch.eq, "and": torch.logical_and,
                "or": torch.logical_or}[kind](a, b)

    @staticmethod
    def call(function, arguments):
        if function == "stop":
            return arguments[0].detach()
        if function in ("max", "min"):
            pair = torch.broadcast_tensors(*[a.double() for a in arguments])
            return (torch.maximum if function == "max" else torch.minimum)(*pair)
        return function(arguments[0].double())

    @staticmethod
    def place(value, axes):
        """Of the largest element, counted over all axes of the reduction, the last running fastest."""
        moved = value.movedim(axes, list(range(-len(axes), 0)))
        found = moved.flatten(-len(axes)).argmax(-1)
        return found[(...,) + (None,)*len(axes)].movedim(list(range(-len(axes), 0)), axes)

    def reduce(self, word, indices, _, guard, body):
        full = [1]*len(self.order)
        for name in indices:
            full[self.order.index(name)] = self.extent[name]
        value = self.value(body)
        value = value.broadcast_to(torch.broadcast_shapes(value.shape, full))
        axes = [self.order.index(name) for name in indices]
        if guard:
            outside = {"∑": 0.0, "∏": 1.0, "max": -torch.inf, "min": torch.inf}[word]
            holds = self.value(guard)
            value = torch.where(holds, value.double(), torch.tensor(outside, dtype=torch.float64))
        if word == "∑":
            return value.sum(dim=axes, keepdim=True)
        if word == "∏":
            for axis in axes:
                value = value.prod(dim=axis, keepdim=True)
            return value
        if word in ("argmax", "argmin"):
            return self.place(value if word == "argmax" else -value, axes)
        return (torch.amax if word == "max" else torch.amin)(value, dim=axes, keepdim=True)


def evaluate(page, formula, values, gradients, into=None):
    """The array that the equation `left = right` defines, or a part of it, which is added to the parts `into`."""
    left, _, right = formula
    run = Evaluation(page, (left, right), values, gradients)
    read = left[2] if left[0] == "gradient" else left
    value = run.value(right).double()
    if not read[2]:
        return value.reshape(())
    at = [torch.as_tensor(run.value(s)).long() for s in read[2]]
    shape = page.shapes.get(read[1]) or [run.extent[s[1]] for s in read[2]]
    domain = torch.broadcast_shapes(value.shape, *[a.shape for a in at])
    base = torch.zeros(shape, dtype=torch.float64) if into is None else into
    return base.index_put(tuple(a.broadcast_to(domain) for a in at), value.broadcast_to(domain), accumulate=True)


def rounded(page, node):
    run = Evaluation(page, node, {}, {})
    value = run.value(node).double()
    if run.numbers and value.requires_grad:
        value.backward()
    return value.item(), sum(abs(n.item()*n.grad.item()) for n in run.numbers if n.grad is not None)
