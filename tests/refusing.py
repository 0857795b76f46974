"""What is expected of an error: its code, and the message that a user gets."""

import re
from collections.abc import Callable

from generator.errors import AtlasError
from generator.text.coded import error_text


def says(message: str, code: str = "") -> Callable[[AtlasError], bool]:
    """For `pytest.raises(check=...)`: the message has the pattern `message`, and the error `code`,
    if one is given."""

    def check(error: AtlasError) -> bool:
        assert re.search(message, error_text(error)), error_text(error)
        return not code or error.code == code

    return check
