"""Makes the .npy files beside this file: a 2 x 3 array in forms that npy_loss reads, and in forms that it refuses."""
from pathlib import Path

import numpy

here = Path(__file__).parent
x = numpy.arange(6, dtype=numpy.float32).reshape(2, 3)


def save(name, array):
    numpy.save(here / f"{name}.npy", array)


def with_shape(shape):
    """float32.npy, but for the shape that its header claims."""
    return good.replace(b"(2, 3), }".ljust(40), f"{shape}, }}".encode().ljust(40))


save("float32", x)
save("float64", x.astype(numpy.float64))
save("ones_float32", numpy.ones((2, 3), numpy.float32))
save("ones_float64", numpy.ones((2, 3), numpy.float64))
save("abs_difference_float64", abs(x.astype(numpy.float64) - 1))
save("column", x.reshape(6, 1))
save("one_element", x[:1, 2])
save("scalar", x[0, 2])
save("empty", x[:0])

save("big_endian", x.astype(">f4"))
save("float16", x.astype(numpy.float16))
save("fortran_order", numpy.asfortranarray(x))
save("int32", x.astype(numpy.int32))
save("mask", numpy.array([[1, 0, 1], [0, 0, 1]], bool))
numpy.savez(here / "arrays.npz", x=x, three_dimensional=numpy.asfortranarray(x.reshape(1, 2, 3)))
numpy.savez_compressed(here / "compressed.npz", x=x)
save("text", numpy.array(["0", "1"]))
save("transposed_shape", x.reshape(3, 2))

good = (here / "float32.npy").read_bytes()
archive = (here / "arrays.npz").read_bytes()
(here / "truncated.npz").write_bytes(archive[:200])
(here / "not_npy.npy").write_text("0 1 2 3 4 5\n")
(here / "no_bytes.npy").write_bytes(b"")
(here / "truncated_header.npy").write_bytes(good[:64])
(here / "truncated_data.npy").write_bytes(good[:-1])
(here / "version_3.npy").write_bytes(good[:6] + b"\3\0" + b"\x76\0\0\0" + good[10:])
(here / "wrapping_size.npy").write_bytes(with_shape("(4611686018427387904, 2)"))  # 2^65 bytes, which is 0 modulo 2^64
(here / "negative_extents.npy").write_bytes(with_shape("(-2, -3)"))
(here / "no_shape.npy").write_bytes(with_shape(""))
(here / "long_header.npy").write_bytes(good[:8] + b"\xff\xff" + good[10:])
assert all(file.stat().st_size < 200 for file in here.glob("*.npy"))
