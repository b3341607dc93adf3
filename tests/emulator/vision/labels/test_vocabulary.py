"""The tables of labels: complete, consistent, and free of words with two meanings."""

from __future__ import annotations

import pytest

from rekog.emulator.vision.labels.vocabulary import ancestors, label_classes, label_names

CATEGORIES = frozenset({
    "Actions", "Animals and Pets", "Apparel and Accessories", "Beauty and Personal Care", "Buildings and Architecture",
    "Colors and Visual Composition", "Damage Detection", "Education", "Events and Attractions", "Everyday Objects",
    "Expressions and Emotions", "Food and Beverage", "Furniture and Furnishings", "Health and Fitness",
    "Hobbies and Interests", "Home Appliances", "Home and Indoors", "Kitchen and Dining", "Materials", "Medical",
    "Nature and Outdoors", "Offices and Workspaces", "Patterns and Shapes", "Performing Arts", "Person Description",
    "Plants and Flowers", "Popular Landmarks", "Profession", "Public Safety", "Religion", "Sports",
    "Symbols and Flags", "Technology and Computing", "Text and Documents", "Tools and Machinery", "Toys and Gaming",
    "Transport and Logistics", "Travel and Adventure", "Vehicles and Automotive", "Weapons and Military",
})  # fmt: skip
"""The categories of the service's label model 3.0."""

COCO_WITHOUT_CLASS = frozenset({12, 26, 29, 30, 45, 66, 68, 69, 71, 83})
"""Numbers that COCO's objects leave out."""


def test_each_class_of_coco_has_a_label() -> None:
    assert set(label_classes("coco")) == set(range(1, 91)) - COCO_WITHOUT_CLASS


def test_each_class_of_imagenet_is_in_the_table_and_few_have_no_label() -> None:
    labels = label_classes("imagenet")
    assert set(labels) <= set(range(1000))
    assert len(labels) > 950


def test_labels_of_classes_and_all_parents_are_names_of_the_vocabulary() -> None:
    names = label_names()
    named = {*label_classes("coco").values(), *label_classes("imagenet").values()}
    named |= {parent for each in names.values() for parent in each.parents}
    assert named <= set(names)


def test_each_name_is_that_of_a_class_or_an_ancestor_of_one() -> None:
    used = {*label_classes("coco").values(), *label_classes("imagenet").values()}
    used |= {above for name in used for above in ancestors(name)}
    assert set(label_names()) == used


def test_no_name_is_its_own_ancestor() -> None:
    assert [name for name in label_names() if name in ancestors(name)] == []


def test_each_category_is_one_of_the_service() -> None:
    assert {each.category for each in label_names().values()} <= CATEGORIES


def test_an_alias_is_no_name() -> None:
    aliases = [alias for each in label_names().values() for alias in each.aliases]
    assert set(aliases).isdisjoint(label_names())
    assert len(aliases) == len(set(aliases))


@pytest.mark.parametrize(
    ("number", "label"),
    [
        (21, "Kite Bird"),  # kite
        (98, "Duck"),  # merganser
        (134, "Crane Bird"),  # crane
        (285, "Cat"),  # Egyptian cat, the class of each shorthair with stripes
        (256, "Dog"),  # Newfoundland, a landscape in the service
        (264, "Dog"),  # Cardigan, a garment in the service
        (332, "Rabbit"),  # Angora
        (408, "Amphibious Vehicle"),  # amphibian
        (456, "Bow"),  # for arrows
        (458, "Plaque"),  # brass
        (474, "Cardigan"),
        (517, "Construction Crane"),  # crane
        (542, "Percussion"),  # drumstick
        (553, "Filing Cabinet"),  # file
        (670, "Motorcycle"),  # motor scooter; ImageNet has no motorcycles
        (673, "Computer Hardware"),  # mouse, an animal in the service
        (681, "Laptop"),  # notebook
        (714, "Plectrum"),  # pick
        (724, "Ship"),  # pirate
        (725, "Jug"),  # pitcher
        (726, "Tool"),  # plane
        (738, "Potted Plant"),  # pot
        (884, "Vault Ceiling"),  # vault
        (985, "Flower"),  # daisy; ImageNet has one other flower
        (989, "Plant"),  # hip of a rose
        (998, "Corn"),  # ear
    ],
)
def test_a_class_with_an_ambiguous_name_has_the_label_of_its_photographs(number: int, label: str) -> None:
    assert label_classes("imagenet")[number] == label


@pytest.mark.parametrize(
    ("number", "label"),
    [(3, "Car"), (13, "Stopsign"), (38, "Kite"), (62, "Chair"), (67, "Dining Table"), (74, "Computer Hardware"),
     (77, "Mobile Phone"), (89, "Blow Dryer")],
)  # fmt: skip
def test_a_class_of_coco_has_the_service_s_name(number: int, label: str) -> None:
    assert label_classes("coco")[number] == label


@pytest.mark.parametrize(
    ("name", "parents"),
    [
        ("Horse", {"Animal", "Mammal"}),
        ("Minibus", {"Bus", "Transportation", "Van", "Vehicle"}),
        ("Pickup Truck", {"Transportation", "Truck", "Vehicle"}),
        ("Shoe", {"Clothing", "Footwear"}),
    ],
)
def test_parents_are_those_of_known_responses(name: str, parents: set[str]) -> None:
    assert set(ancestors(name)) == parents


def test_a_name_outside_the_vocabulary_has_no_ancestors() -> None:
    assert ancestors("Quokka") == []
