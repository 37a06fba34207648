"""The data that flows, frozen: what a run is made of are msgspec Structs, findings are plain dataclasses.

A run makes and copies thousands of the first, and starting up defines all of them: a Struct costs a thirtieth of a
frozen dataclass. Findings are what `classify_response` gives to others, who may use `dataclasses.asdict` on them.
"""
