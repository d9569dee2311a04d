"""A link to the page is shown with the page's own words and picture."""

import httpx

from demo.app import create_app, launch_options
from demo.server.preview import DESCRIPTION, TITLE, with_preview


def test_gradio_s_words_give_way_to_the_page_s() -> None:
    page = (
        '<head><meta property="og:title" content="Gradio" />'
        '<meta name="twitter:creator" content="@Gradio" /></head>'
        '<body>Gradio "root":"https://a.example/sub"</body>'
    )
    shown = with_preview(page)
    assert shown.count("Gradio") == 1
    assert f'<meta property="og:title" content="{TITLE}" />' in shown
    assert 'og:image" content="https://a.example/sub/preview.png"' in shown
    assert shown.index("og:image") < shown.index("</head>")


def test_what_is_no_page_stays_as_it_is() -> None:
    assert with_preview('{"root":"https://a.example"}') == '{"root":"https://a.example"}'


def test_the_running_page_is_described_and_hands_out_its_picture() -> None:
    app = create_app()
    _, address, _ = app.launch(prevent_thread_lock=True, quiet=True, **launch_options())
    try:
        page = httpx.get(address).text
        assert DESCRIPTION in page
        assert page.count("og:title") == 1
        picture = httpx.get(f"{address}preview.png")
        assert picture.headers["content-type"] == "image/png"
    finally:
        app.close()
