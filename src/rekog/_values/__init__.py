"""How value classes are made: lazy attributes, frozen values, models, errors. Imports nothing else of rekog."""
