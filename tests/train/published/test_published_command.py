"""``python -m train.published``: trains, resumes, and keeps record, log and system."""

from __future__ import annotations

import dataclasses
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_data import interrupted, make, tiny_crops

from edge_digits.errors import ConfigError, DataError
from edge_digits.runtime.spec import read_spec
from train import checkpoint
from train.digits.crops import Crops
from train.published import __main__ as command_line
from train.published import classical, command, data, runs, training
from train.published.data import Dataset
from train.published.networks import NETWORKS
from train.published.recipes import RECIPES, NeighbourRecipe, NetworkRecipe, VectorRecipe

CPU = torch.device("cpu")
TINY = NetworkRecipe("", None, "", (), epochs=3, batch=16, learning_rate=3e-3, augmentation="affine")


@pytest.fixture(autouse=True)
def in_an_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def tiny() -> Dataset:
    return Dataset("tiny", tiny_crops(100, 0), tiny_crops(40, 1), "0123456789", tuple("0123456789"))


def fit(tiny: Dataset, folder: str, recipe: NetworkRecipe = TINY, name: str = "cnn-lenet") -> torch.nn.Module:
    torch.manual_seed(recipe.seed)
    network = NETWORKS[name](10)
    training.fit(network, recipe, tiny, Path(folder), CPU, name)
    return network


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.slow
def test_an_interrupted_run_ends_as_it_would_have_ended(tiny: Dataset) -> None:
    whole = fit(tiny, "whole")
    with interrupted(training._Run, 2):  # pyright: ignore[reportPrivateUsage]
        fit(tiny, "broken")
    assert len(training.read_log(Path("broken/log.csv"))) == 2
    assert same(fit(tiny, "broken"), whole)
    assert [row.epoch for row in training.read_log(Path("broken/log.csv"))] == [1, 2, 3]
    assert not same(fit(tiny, "other", dataclasses.replace(TINY, seed=2)), whole)


def test_a_run_of_another_recipe_is_not_gone_on_with(tiny: Dataset) -> None:
    fit(tiny, "run")
    with pytest.raises(DataError, match=r"another learning_rate; --anew"):
        fit(tiny, "run", dataclasses.replace(TINY, learning_rate=0.1))
    Path("run/state.pt").write_bytes(b"no state")
    with pytest.raises(DataError, match=r"state\.pt: damaged"):
        fit(tiny, "run")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp", "cnn-421k", "rnn", "crnn-published", "committee"])
def test_networks_learn(tiny: Dataset, name: str) -> None:
    widths = (10, 12, 14, 16, 18, 20, 0) if name == "committee" else ()
    recipe = dataclasses.replace(TINY, epochs=6, augmentation="none", widths=widths)
    fit(tiny, "run", recipe, name)
    log = training.read_log(Path("run/log.csv"))
    assert log[-1].train_loss < 0.8 * log[0].train_loss


@pytest.mark.slow
def test_what_is_held_out_validates_and_is_not_trained_with(tiny: Dataset) -> None:
    fit(tiny, "run", dataclasses.replace(TINY, validation=0.2))
    with_part = training.read_log(Path("run/log.csv"))
    assert all(0 <= row.validation_accuracy <= 1 for row in with_part)
    fit(tiny, "none")
    assert all(np.isnan(row.validation_loss) for row in training.read_log(Path("none/log.csv")))


@pytest.mark.slow
def test_a_support_vector_machine_of_plain_arrays_answers_as_scikit_learns(tmp_path: Path) -> None:
    svm = pytest.importorskip("sklearn.svm", reason="scikit-learn: pip install -e '.[published]'")
    train, test = tiny_crops(200, 0), tiny_crops(60, 1)
    recipe = VectorRecipe("", None, "", (), c=1.0, gamma=0.02)
    for classes in (10, 2):
        keep = train.labels < classes
        own = classical.fit_vectors(recipe, Crops("some", train.images[keep], train.labels[keep]), classes)
        classical.save(tmp_path / "svm.npz", own)
        found = classical.load(tmp_path / "svm.npz").probabilities(test.images)
        theirs = svm.SVC(C=1.0, gamma=0.02).fit(train.images[keep].reshape(-1, 784) / 255, train.labels[keep])
        assert np.array_equal(found.argmax(1), theirs.predict(test.images.reshape(-1, 784) / 255))
        assert np.allclose(found.sum(1), 1)
    (tmp_path / "svm.npz").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"svm\.npz"):
        classical.load(tmp_path / "svm.npz")


@pytest.mark.slow
def test_neighbours_vote() -> None:
    pytest.importorskip("sklearn.neighbors", reason="scikit-learn: pip install -e '.[published]'")
    train = tiny_crops(50, 0)
    found = classical.neighbours(NeighbourRecipe("", None, "", (), neighbours=1), train, 10)
    assert np.array_equal(found.probabilities(train.images).argmax(1), train.labels)


def test_scikit_learn_is_asked_for_by_the_extra_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make(tmp_path / "data", monkeypatch)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert command_line.main(["knn", "--data-dir", str(folder)]) == 1
    assert "needs scikit-learn: pip install -e '.[published]'" in capsys.readouterr().err


def test_one_command_trains_tests_and_keeps_what_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make(tmp_path / "data", monkeypatch)
    words = ["mlp", "--epochs-scale", "0.1", "--data-dir", str(folder), "--device", "cpu"]
    assert command_line.main(words) == 0
    own = Path("runs/published/mlp-scale0.1")
    record = runs.read(own)
    assert record is not None
    assert (record.title, record.epochs, record.examples) == ("mlp (10 % of the recipe)", 1, 60)
    assert record.command == "python -m train.published mlp --epochs-scale 0.1"
    assert record.recipe["seed"] == 1 and record.parameters == 669_706
    assert str(tmp_path) not in (own / runs.RECORD).read_text(), "no path of this machine is kept"
    assert len(training.read_log(own / training.LOG)) == 1
    _, spec = checkpoint.load(own / "mlp.safetensors")
    assert (spec.name, spec.classes, spec.reject, spec.charset) == ("mlp", 10, False, "0123456789")
    said = capsys.readouterr().out
    assert "mlp (10 % of the recipe), mnist:" in said

    before = (own / "mlp.safetensors").stat().st_mtime_ns
    assert command_line.main(words) == 0, "what is finished is left as it is"
    assert (own / "mlp.safetensors").stat().st_mtime_ns == before
    assert capsys.readouterr().out == said
    assert command_line.main([*words, "--anew", "--seed", "3"]) == 0
    assert read_spec(own / "mlp.safetensors").origin["recipe"]["seed"] == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["vgg"], "vgg: no published system"),
        (["mlp", "--dataset", "cifar"], "--dataset cifar: expected one of mnist, usps"),
        (["mlp", "--epochs-scale", "0"], "--epochs-scale is 0"),
        (["mlp", "--imagenet"], "--imagenet: only alexnet and resnet"),
    ],
)
def test_a_wrong_command_line_is_status_2(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main([*words, "--data-dir", "."]) == 2
    assert said in capsys.readouterr().err


def test_all_is_every_system_once() -> None:
    assert command.Job(("mlp", "all", "mlp")).systems == list(RECIPES)
    with pytest.raises(ConfigError):
        command.Job(("mlp",), scale=1.5)


def test_help_fits_a_screen_and_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.main(["--help"])
    text = capsys.readouterr().out
    assert "example: python -m train.published" in text
    assert len(text.splitlines()) <= 40


def test_usps_needs_no_torchvision(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "usps").mkdir()
    row = " ".join(["3.0", *["1.0" if 60 < i < 200 else "-1.0" for i in range(256)]])
    for part in ("train", "test"):
        (tmp_path / "usps" / f"zip.{part}.gz").write_bytes(gzip.compress((f"{row}\n" * 20).encode()))
    found = data.load("usps", tmp_path)
    assert found.train.images.shape == (20, 28, 28) and (found.classes, int(found.test.labels[0])) == (10, 3)


@pytest.mark.parametrize("name", list(data.FETCHED))
def test_other_data_sets_say_what_they_need(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(DataError, match=f"--dataset {name}: needs torchvision"):
        data.load(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "kind", "classes"), [("emnist-balanced", "EMNIST", 47), ("emnist-letters", "EMNIST", 26)]
)
def test_labels_and_their_number_come_with_the_data_set(
    name: str, kind: str, classes: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = 1 if name == "emnist-letters" else 0
    pictures = np.zeros((classes, 28, 28), np.uint8)
    pictures[:, 3, 20] = 255

    def emnist(root: Path, train: bool, download: bool, split: str) -> object:
        assert split == name.removeprefix("emnist-") and download
        return types.SimpleNamespace(
            data=torch.from_numpy(pictures), targets=torch.arange(classes) + first, train=train
        )

    monkeypatch.setitem(
        sys.modules, "torchvision", types.SimpleNamespace(datasets=types.SimpleNamespace(**{kind: emnist}))
    )
    found = data.load(name, tmp_path)
    assert found.classes == len(found.labels) == classes
    assert found.train.labels.min() == 0 and found.train.images[0, 20, 3] == 255, "EMNIST lies on its side"
    job = command.Job(("mlp",), dataset=name, scale=0.1)
    record = command.train(job, "mlp", found, Path("run"), CPU)
    spec = read_spec(Path("run/mlp.safetensors"))
    assert (spec.classes, spec.charset, record.labels) == (classes, found.charset, list(found.labels))


def test_a_data_set_that_is_not_what_it_should_be_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def kmnist(root: Path, train: bool, download: bool) -> object:
        return types.SimpleNamespace(data=np.zeros((2, 32, 32)), targets=[0, 1])

    monkeypatch.setitem(
        sys.modules, "torchvision", types.SimpleNamespace(datasets=types.SimpleNamespace(KMNIST=kmnist))
    )
    with pytest.raises(DataError, match="--dataset kmnist"):
        data.load("kmnist", tmp_path)
