"""The operations of custom labels, from the modules of this family."""

from __future__ import annotations

from .copies import copy_project_version
from .creation import create_project_version
from .datasets import (
    create_dataset,
    delete_dataset,
    describe_dataset,
    distribute_dataset_entries,
    list_dataset_entries,
    list_dataset_labels,
    update_dataset_entries,
)
from .policies import delete_project_policy, list_project_policies, put_project_policy
from .projects import create_project, delete_project, describe_projects
from .versions import (
    delete_project_version,
    describe_project_versions,
    start_project_version,
    stop_project_version,
)

__all__ = [
    "copy_project_version",
    "create_dataset",
    "create_project",
    "create_project_version",
    "delete_dataset",
    "delete_project",
    "delete_project_policy",
    "delete_project_version",
    "describe_dataset",
    "describe_project_versions",
    "describe_projects",
    "distribute_dataset_entries",
    "list_dataset_entries",
    "list_dataset_labels",
    "list_project_policies",
    "put_project_policy",
    "start_project_version",
    "stop_project_version",
    "update_dataset_entries",
]
