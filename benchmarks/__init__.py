"""How fast the library is, each question beside a peer that answers the same on the same machine.

Run ``python -m benchmarks`` from the root of the repository.
A file of this folder is found by its function ``benchmarks() -> Iterable[Benchmark]``.
"""
