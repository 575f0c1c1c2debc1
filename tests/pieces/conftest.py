"""The fixture `piece`."""

import harness
import pytest
import torch

torch.set_num_threads(1)  # with matrices as small as these, more only wait for each other


@pytest.fixture
def piece(request):
    """The piece that a test is about: the parameter's, else the one after which its file is called."""
    return harness.Piece(getattr(request, "param", None) or request.path.stem.removeprefix("test_"))


def pytest_generate_tests(metafunc):
    if metafunc.module.__name__ == "test_libraries" and "piece" in metafunc.fixturenames:
        metafunc.parametrize("piece", harness.of_kind("model"), indirect=True)
