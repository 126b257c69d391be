"""What holds for every test of real models."""

import pytest
import torch


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Lets torch compute here on one thread, as the engines do on theirs.

    Two add up in another order, so that coqui-tts would not say the same to the last bit; and
    other tests of the same process may have asked for two.
    """
    torch.set_num_threads(1)
