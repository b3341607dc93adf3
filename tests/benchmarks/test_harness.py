"""Harness, reports and charts of the benchmarks, run with counts too small for meaningful figures."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import responses, server
from benchmarks.chart import draw, used
from benchmarks.goals import ROWS, Figure, Row, Run
from benchmarks.harness import Measured
from benchmarks.instructions import compared
from benchmarks.instructions import report as count_report
from benchmarks.report import BEGIN, END, page_with, table

ROOT = Path(__file__).parent.parent.parent
OURS, THEIRS = Run("rekog", "tiny"), Run("boto3", "tiny")


def measured(ours: list[float], theirs: list[float], goal: float, *, at_least: bool = False) -> Measured:
    row = Row("tiny", "tiny call", 2, (Figure("CPU", "cpu", OURS, THEIRS, goal, at_least=at_least),))
    return Measured(row, {OURS: [{"cpu": value} for value in ours], THEIRS: [{"cpu": value} for value in theirs]})


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run with tiny counts and return the directory of the written files."""
    directory = tmp_path_factory.mktemp("written")
    scale = ["--calls", "0.001", "--rounds", "0.01", "--no-peers"]
    files = ["--json", str(directory / "figures.json"), "--chart", str(directory / "figures.svg")]
    command = [sys.executable, "-m", "benchmarks", "--only", "upload", *scale, *files]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return directory


@pytest.mark.slow
def test_a_run_writes_every_figure_with_its_goal(written: Path) -> None:
    report = json.loads((written / "figures.json").read_text())
    assert {"machine", "versions", "scale", "rows"} <= set(report)
    (row,) = report["rows"]
    assert [figure["label"] for figure in row["figures"]] == ["CPU", "added memory"]
    for figure in row["figures"]:
        assert figure["value"] > 0
        assert figure["met"] is (figure["value"] <= figure["goal"])
    assert {"rekog", "boto3"} <= set(row["clients"])


@pytest.mark.slow  # about 10 seconds: a process for each of its 13 runs
def test_the_runs_over_many_images_give_a_figure_for_each_goal(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    options = ["--only", "bulk", "--calls", "0.01", "--rounds", "0.01", "--no-peers", "--json", str(file)]
    subprocess.run(
        [sys.executable, "-m", "benchmarks", *options], cwd=ROOT, check=True, capture_output=True, timeout=300
    )
    (row,) = json.loads(file.read_text())["rows"]
    assert len(row["figures"]) == 9
    assert all(figure["value"] > 0 for figure in row["figures"])


def test_a_run_draws_a_chart_that_is_xml(written: Path) -> None:
    assert ET.parse(written / "figures.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    (outcome,) = measured([1.0, 20.0, 3.0], [2.0, 10.0, 10.0], 0.5).outcomes
    assert outcome.value == 0.5
    assert (outcome.ours, outcome.theirs) == (3.0, 10.0)


def test_a_minimum_goal_is_met_by_a_value_equal_to_it() -> None:
    (outcome,) = measured([4.0], [1.0], 4.0, at_least=True).outcomes
    assert outcome.met
    assert used(outcome) == 1.0


def test_the_table_marks_goals_that_are_not_met() -> None:
    assert "| ≤ 0.50 × | 0.75 × | **no** |" in table([measured([3.0], [4.0], 0.5)])


def test_a_bar_longer_than_the_chart_ends_in_an_arrow() -> None:
    assert "<path" in draw([measured([4.0], [1.0], 0.5)])
    assert "<path" not in draw([measured([1.0], [4.0], 0.5)])


def test_the_page_keeps_the_text_outside_of_its_marks() -> None:
    page = page_with(f"before\n{BEGIN}\nold\n{END}\nafter\n", [measured([1.0], [4.0], 0.5)])
    assert page.startswith(f"before\n{BEGIN}\n")
    assert page.endswith(f"{END}\nafter\n")
    assert "old" not in page


def test_there_are_eleven_rows_with_names_of_their_own() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names)) == 11


def test_the_big_page_has_54_000_objects() -> None:
    body = responses.face_detection_page()
    assert body.count(b"{") - body.count(b'"VideoMetadata"') - 1 == 54_000
    assert 3_400_000 < len(body) < 3_600_000


def test_the_listing_ends_after_100_000_faces() -> None:
    last = json.loads(server.listed(b'{"NextToken":"99"}'))
    assert "NextToken" not in last
    assert json.loads(server.listed(b"{}"))["NextToken"] == "1"
    assert len(last["Faces"]) * 100 == responses.LISTED_FACES


def test_counts_are_compared_relative_to_the_calibration() -> None:
    ratios = compared({"calibration": 20.0, "call": 30.0}, {"calibration": 10.0, "call": 10.0})
    assert ratios == {"call": 1.5}
    assert "+50.0%: more than 25%" in count_report({"call": 30.0}, ratios)


def test_runs_with_and_without_orjson_have_names_of_their_own() -> None:
    for row in ROWS:
        names = [run.name for run in row.runs]
        assert len(names) == len(set(names)), row.name
