"""A page from disk in headless Chromium, driven over its debugging pipe. Standard library only.

    import browser
    with browser.page(folder / "play.html") as page:        # waits until the page is loaded; options: width, height, dark
        page.evaluate("document.title")                     # the value of a JavaScript expression; promises are awaited
        page.text("#loss")                                  # the text of the first element that the selector matches
        page.texts("td.answer")                             # the texts of all of them
        page.click("#step")                                 # a real click in its middle; page.drag(selector, [(0.2, 0.5), ...])
        page.type("#lr", "0.5")                             # replaces what stands in the field, ends with Enter
        page.choose("#range", 3)                            # sets the value of a slider or select, with its input and change events
        page.wait("window.ready === true")                  # until the expression is true, 20 s at most
        page.screenshot(folder / "play.png")                # all of the page; page.print_media() shows it as it is printed

Every call, and the end of the `with`, fails if the page has written an error to the console, thrown an exception, or asked
for anything but its own file, data: and blob:. Where Chromium is missing the process ends with 77, which CTest counts as skipped.
"""
import atexit
import base64
import contextlib
import fcntl
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 60  # seconds for an answer of Chromium: a page of a megabyte on a busy machine
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--disable-extensions", "--hide-scrollbars", "--force-color-profile=srgb", "--host-resolver-rules=MAP * ~NOTFOUND")


class Chromium:
    """One process. Messages are JSON with a zero byte behind, written to its descriptor 3 and read from its 4."""

    def __init__(self):
        program = next(filter(None, map(shutil.which, NAMES)), None)
        if not program:
            print("skipped: no Chromium (apt-get install chromium)")
            sys.exit(77)
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        their_in, our_out = os.pipe()
        our_in, their_out = os.pipe()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (their_in, their_out)]  # away from 3 and 4
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # which Chromium refuses to root

        def pass_on():
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen([program, *OPTIONS, *sandbox, f"--user-data-dir={self.profile.name}", "about:blank"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=pass_on, close_fds=False)
        for fd in (their_in, their_out, *high):
            os.close(fd)
        self.out, self.input = our_out, our_in
        self.buffer, self.count, self.listener = b"", 0, {}

    def close(self):
        with contextlib.suppress(Exception):
            self.call("Browser.close")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()

    def message(self, deadline):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.input], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError("Chromium does not answer")
            more = os.read(self.input, 1 << 16)
            if not more:
                raise AssertionError("Chromium has ended")
            self.buffer += more
        text, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        """Sends a command, hands events that come before its answer to their page, returns the result."""
        self.count += 1
        number = self.count
        sent = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        data = json.dumps(sent).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        deadline = time.monotonic() + PATIENCE
        while True:
            got = self.message(deadline)
            if got.get("id") == number:
                if "error" in got:
                    raise AssertionError(f"{method}: {got['error'].get('message')}")
                return got["result"]
            if got.get("sessionId") in self.listener and "method" in got:
                self.listener[got["sessionId"]](got["method"], got["params"])


class Page:
    def __init__(self, chromium, path, width, height, dark):
        assert pathlib.Path(path).is_file(), f"there is no {path}"
        self.chromium, self.problems = chromium, []
        self.address = pathlib.Path(path).resolve().as_uri()
        self.target = chromium.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = chromium.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        chromium.listener[self.session] = self.hear
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(domain + ".enable")
        self.media = {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}
        self.send("Emulation.setEmulatedMedia", **self.media)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.width = width
        self.send("Page.navigate", url=self.address)
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def send(self, method, **parameters):
        return self.chromium.call(method, self.session, **parameters)

    def hear(self, method, event):
        if method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            self.problems.append("exception: " + details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "assert"):
            self.problems.append("console: " + " ".join(str(a.get("value", a.get("description"))) for a in event["args"]))
        elif method == "Log.entryAdded" and event["entry"]["level"] == "error":
            self.problems.append("log: " + event["entry"]["text"] + " " + event["entry"].get("url", ""))
        elif method == "Network.requestWillBeSent":
            self.ask(event["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.ask(event["url"])

    def ask(self, url):
        """Its own file, and what lies inside of it; nothing else, not even from disk."""
        if url.split("#")[0] != self.address and not url.startswith(("data:", "blob:", "about:")):
            self.problems.append("request: " + url[:200])

    def check(self):
        if self.problems:
            raise AssertionError(f"{self.address}: " + "; ".join(self.problems[:10]))

    def evaluate(self, expression):
        done = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            details = done["exceptionDetails"]
            raise AssertionError(f"{expression[:200]}: {details.get('exception', {}).get('description', details['text'])}")
        self.check()
        return done["result"].get("value")

    def wait(self, expression, seconds=20):
        deadline = time.monotonic() + seconds
        while not self.evaluate(expression):
            if time.monotonic() > deadline:
                raise AssertionError(f"after {seconds} s still not: {expression}")
            time.sleep(0.02)

    def texts(self, selector):
        return self.evaluate(f"Array.from(document.querySelectorAll({json.dumps(selector)}), e => e.textContent)")

    def text(self, selector):
        found = self.texts(selector)
        assert found, f"nothing on the page matches {selector}"
        return found[0]

    def place(self, selector):
        """Left, top, width, height in the window, into which the element is scrolled."""
        found = self.evaluate(f"(e => {{ if (!e) return null; e.scrollIntoView({{block: 'center', behavior: 'instant'}});"
                              f"const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] }})"
                              f"(document.querySelector({json.dumps(selector)}))")
        assert found, f"nothing on the page matches {selector}"
        assert found[2] > 0 and found[3] > 0, f"{selector} is not visible"
        return found

    def mouse(self, kind, x, y):
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="none" if kind == "mouseMoved" else "left", clickCount=1,
                  buttons=0 if kind == "mouseReleased" else 1)

    def drag(self, selector, points):
        """Pressed at the first point, moved through the others, released at the last; points from (0, 0) to (1, 1)."""
        x, y, width, height = self.place(selector)
        at = [(x + u * width, y + v * height) for u, v in points]
        self.mouse("mousePressed", *at[0])
        for point in at[1:]:
            self.mouse("mouseMoved", *point)
        self.mouse("mouseReleased", *at[-1])
        self.check()

    def click(self, selector):
        self.drag(selector, [(0.5, 0.5)])

    def type(self, selector, text):
        self.place(selector)
        self.evaluate(f"(e => {{ e.focus(); e.select && e.select() }})(document.querySelector({json.dumps(selector)}))")
        self.send("Input.insertText", text=text)
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
        self.check()

    def choose(self, selector, value):
        self.place(selector)
        self.evaluate(f"(e => {{ e.value = {json.dumps(str(value))}; for (const n of ['input', 'change'])"
                      f"e.dispatchEvent(new Event(n, {{bubbles: true}})) }})(document.querySelector({json.dumps(selector)}))")

    def print_media(self):
        self.send("Emulation.setEmulatedMedia", media="print", **self.media)

    def screenshot(self, path, most=8000, at=None):
        """All of the page, or what begins at an element; `most` pixels high at most."""
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        top = self.evaluate(f"document.querySelector({json.dumps(at)}).getBoundingClientRect().top + scrollY - 12") if at else 0
        clip = {"x": 0, "y": top, "width": max(self.width, size["width"]), "height": min(size["height"] - top, most), "scale": 1}
        done = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        pathlib.Path(path).write_bytes(base64.b64decode(done["data"]))
        self.check()

    def close(self):
        self.evaluate("new Promise(done => setTimeout(done, 50))")  # what was asked for last has been heard of
        self.chromium.listener.pop(self.session)
        self.chromium.call("Target.closeTarget", targetId=self.target)


running = []


@contextlib.contextmanager
def page(path, width=1200, height=900, dark=False):
    """An open page of a Chromium that all pages of this process share."""
    if not running:
        running.append(Chromium())
        atexit.register(running[0].close)
    opened = Page(running[0], path, width, height, dark)
    yield opened
    opened.close()
