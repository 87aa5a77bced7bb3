"""Makes digits.npy, digits_pca16.npy and expected.txt beside this file.

digits.npy: scikit-learn's 1797 handwritten digits, 64 pixels of 0 to 16 each. digits_pca16.npy: the same, rebuilt from their
first 16 principal components, as an autoencoder would. expected.txt: PyTorch's L1 loss of the one against the other.
digits.pgm, digits_pca16.pgm: the first 64 digits of each as a picture of 64 x 64 pixels, one byte each.
"""
from fractions import Fraction
from pathlib import Path

import numpy
import sklearn
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

here = Path(__file__).parent
pixels = load_digits().data
pca = PCA(n_components=16, svd_solver="full").fit(pixels)
digits = pixels.astype(numpy.float32)
rebuilt = pca.inverse_transform(pca.transform(pixels)).astype(numpy.float32)
numpy.save(here / "digits.npy", digits)
numpy.save(here / "digits_pca16.npy", rebuilt)
for name, numbers in ("digits", digits), ("digits_pca16", rebuilt):
    picture = numpy.clip(numpy.rint(numbers[:64] * 15), 0, 255).astype(numpy.uint8)
    picture = picture.reshape(8, 8, 8, 8).swapaxes(1, 2)  # 8 rows of 8 digits, of 8 rows of 8 pixels
    (here / f"{name}.pgm").write_bytes(b"P5 64 64 255\n" + picture.tobytes())

exact_sum = sum(abs(Fraction(x) - Fraction(y)) for x, y in zip(digits.ravel().tolist(), rebuilt.ravel().tolist()))
exact = {"mean": float(exact_sum / digits.size), "sum": float(exact_sum)}
with open(here / "expected.txt", "w") as out:
    print(f"# PyTorch {torch.__version__}, NumPy {numpy.__version__}, scikit-learn {sklearn.__version__}", file=out)
    print("# reduction, PyTorch's value as a float twice, the exact value as a double twice", file=out)
    for reduction in ("mean", "sum"):
        loss = torch.nn.functional.l1_loss(torch.from_numpy(digits), torch.from_numpy(rebuilt), reduction=reduction).item()
        print(f"{reduction:4} {loss.hex()} {loss:.9g} {exact[reduction].hex()} {exact[reduction]:.17g}", file=out)
