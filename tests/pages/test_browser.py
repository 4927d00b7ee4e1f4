"""The harness itself: what a page does wrong is noticed, what a user does reaches the page."""
import browser
from harness import contains, equal, main, write

PAGE = ("<!doctype html><meta charset=utf-8><title>t</title><link rel=icon href='data:,'><input id=i value=old>"
        "<button id=b onclick='this.textContent = i.value; count++'>press</button><input id=r type=range max=10 "
        "oninput='count++'><canvas id=c width=100 height=100></canvas><p class=p>one</p><p class=p>two</p>"
        "<script>let count = 0, way = []; c.onmousemove = e => { if (e.buttons) way.push([e.offsetX, e.offsetY]) }</script>")


def refused(folder, body, *parts):
    path = write(folder, "bad.html", "<!doctype html><title>bad</title>" + body)
    try:
        with browser.page(path) as page:
            page.evaluate("new Promise(done => setTimeout(done, 100))")
    except AssertionError as error:
        contains(str(error), *parts)
        return
    raise AssertionError(f"not noticed: {body}")


def test_a_user(folder):
    path = write(folder, "a page #1.html", PAGE)
    with browser.page(path) as page:
        page.type("#i", "new")
        page.click("#b")
        equal(page.text("#b"), "new", "what was typed")
        page.choose("#r", 7)
        equal(page.evaluate("[r.value, count]"), ["7", 2], "slider and clicks")
        page.drag("#c", [(0.1, 0.1), (0.5, 0.5), (0.9, 0.1)])
        equal(page.evaluate("way.length"), 2, "moves")
        equal(page.texts(".p"), ["one", "two"], "texts")
        page.wait("count === 2")
        page.screenshot(folder / "p.png")
        equal((folder / "p.png").read_bytes()[:4], b"\x89PNG", "a picture")
        equal(page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"), False, "dark")
    with browser.page(path, dark=True) as page:
        equal(page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"), True, "dark")
        page.print_media()
        equal(page.evaluate("matchMedia('print').matches"), True, "print")


def test_what_is_refused(folder):
    refused(folder, "<script>console.error('broken', 3)</script>", "console: broken 3")
    refused(folder, "<script>setTimeout(() => nothing.at.all)</script>", "nothing is not defined")
    refused(folder, "<script>Promise.reject(new Error('lost'))</script>", "lost")
    refused(folder, "<script src='https://example.org/a.js'></script>", "request: https://example.org/a.js")
    refused(folder, "<style>p{background:url(http://example.org/x.png)}</style><p>x", "request: http://example.org/x.png")
    refused(folder, "<img src='other.png'>", "request: file://")
    refused(folder, "<script>new WebSocket('ws://example.org/')</script>", "ws://example.org")
    with browser.page(write(folder, "good.html", PAGE)) as page:
        equal(page.evaluate("1 + 1"), 2, "a page after the bad ones")


main()
