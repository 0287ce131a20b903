#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""DESI coadds into PostgreSQL with fitsio, NumPy and psycopg2: what bench_ingest compares with.

    ingest.py URI FOLDER PROCESSES plain|tuned

The same work as voorwerp-cli ingest for files that are not in the database yet: hash, read, merge the cameras, S/N,
join redrock, round and compress (engine/catalog/spectrum_codec.h), one transaction a file, into the same tables; files
are shared among processes.

    plain   as such scripts are written: a loop over the targets, zlib of the standard library, COPY as text
    tuned   cameras merged for a whole file at once, zstandard, COPY in a binary format made by hand
"""

import hashlib
import io
import multiprocessing
import pathlib
import struct
import sys
import zlib

import fitsio
import numpy as np
import psycopg2
import zstandard

PIXELS = 7781
SCALARS = {"target_ra": "TARGET_RA", "target_dec": "TARGET_DEC", "objtype": "OBJTYPE",
           "coadd_fiberstatus": "COADD_FIBERSTATUS", "desi_target": "DESI_TARGET", "fiber": "FIBER",
           "coadd_numexp": "COADD_NUMEXP", "coadd_exptime": "COADD_EXPTIME", "ebv": "EBV", "flux_g": "FLUX_G",
           "flux_r": "FLUX_R", "flux_z": "FLUX_Z", "flux_w1": "FLUX_W1", "flux_w2": "FLUX_W2"}


def cameras(fits):
    """First pixel on the grid, flux, ivar and mask of each camera, for all targets of the file."""
    return [(int(round((fits[band + "_WAVELENGTH"].read()[0] - 3600.0) / 0.8)), fits[band + "_FLUX"].read(),
             fits[band + "_IVAR"].read(), fits[band + "_MASK"].read()) for band in "BRZ"]


def merged(parts, rows):
    """flux, ivar, mask of some targets on the 7,781-pixel grid (desispec.coaddition.coadd_cameras)."""
    count = len(parts[0][1][rows])
    weighted = np.zeros((count, PIXELS))
    ivar = np.zeros((count, PIXELS))
    common = np.full((count, PIXELS), -1, dtype=np.int64)
    anybit = np.zeros((count, PIXELS), dtype=np.int64)
    for first, flux, inverse, mask in parts:
        where = slice(first, first + flux.shape[1])
        weight = inverse[rows] * (mask[rows] == 0)
        weighted[:, where] += weight * flux[rows]
        ivar[:, where] += weight
        common[:, where] &= mask[rows]
        anybit[:, where] |= mask[rows]
    good = ivar > 1e-6
    flux = np.divide(weighted, ivar, out=np.zeros_like(weighted), where=ivar > 0).astype("f4")
    common[common == -1] = 0
    mask = np.where(common != 0, common, np.where(anybit != 0, anybit, 256))
    mask[good] = 0
    ivar[~good] = 0
    return flux, ivar.astype("f4"), mask.astype("u4")


def spectra(parts, tuned):
    """flux, ivar, mask of one target after the other."""
    rows = len(parts[0][1])
    step = rows if tuned else 1
    for first in range(0, rows, step):
        yield from zip(*merged(parts, slice(first, first + step)))


class BinaryRows:
    """COPY ... (FORMAT binary) of target_id and three blobs."""
    command = "COPY voorwerp.spectrum FROM STDIN (FORMAT binary)"

    def __init__(self):
        self.stream = io.BytesIO()
        self.stream.write(b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0))

    def add(self, number, blobs):
        self.stream.write(struct.pack(">hiq", 4, 8, number))
        for part in blobs:
            self.stream.write(struct.pack(">i", len(part)) + part)

    def finish(self):
        self.stream.write(struct.pack(">h", -1))


class TextRows:
    """COPY of the same as text."""
    command = "COPY voorwerp.spectrum FROM STDIN"

    def __init__(self):
        self.stream = io.StringIO()

    def add(self, number, blobs):
        self.stream.write("\t".join([str(number)] + ["\\\\x" + part.hex() for part in blobs]) + "\n")

    def finish(self):
        pass


def zigzag(values, kind):
    signed = values.astype(kind)
    return ((signed << 1) ^ (signed >> (8 * signed.itemsize - 1))).view("u%d" % signed.itemsize)


def blob(compress, form, values):
    planes = np.ascontiguousarray(values.view("u1").reshape(len(values), -1).T)
    return struct.pack("<bI", form, len(values)) + compress(planes)


def encoded(compress, flux, ivar, mask):
    rounded = ((ivar.view("u4") + 0x10000) >> 17).astype("u2")
    steps = np.rint(flux * (64 * np.sqrt((rounded.astype("u4") << 17).view("f4"))))
    wide = np.abs(steps).max(initial=0) >= 32767
    return (blob(compress, 4 if wide else 3, zigzag(steps, "i4" if wide else "i2")),
            blob(compress, 2, zigzag(np.diff(rounded.astype("i4"), prepend=0), "i2")),
            blob(compress, 1, mask))


def text(value):
    if isinstance(value, bytes):
        value = value.decode().strip()
    if isinstance(value, (float, np.floating)) and not np.isfinite(value):
        return "\\N"
    return str(value)


def ingest(job):
    uri, path, tuned = job
    redrock = path.with_name(path.name.replace("coadd-", "redrock-"))
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (path, redrock)]
    with fitsio.FITS(str(path)) as fits:
        header = fits[0].read_header()
        fibermap = fits["FIBERMAP"].read()
        scores = fits["SCORES"].read()
        parts = cameras(fits)
    redshifts = {row["TARGETID"]: row for row in fitsio.read(str(redrock), "REDSHIFTS")}
    survey, program, healpix = header["SURVEY"], header["PROGRAM"], header["HPXPIXEL"]
    columns = (["id", "targetid", "specprod", "survey", "program", "spgrp", "spgrpval", "tileid", "snr_b", "snr_r",
                "snr_z", "snr", "fraction_masked", "z", "zerr", "zwarn", "chi2", "deltachi2", "spectype", "subtype",
                "redshift_source", "problem", "file_id", "file_row"]
               + [name for name, column in SCALARS.items() if column in fibermap.dtype.names])
    with psycopg2.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO voorwerp.file (path, specprod, kind, size, mtime, sha256, redrock_path, "
                       "redrock_sha256) VALUES (%s, 'peer', 'coadd', %s, 0, %s, %s, %s) RETURNING id",
                       (str(path), path.stat().st_size, digests[0], str(redrock), digests[1]))
        file_id = cursor.fetchone()[0]
        cursor.execute("SELECT nextval('voorwerp.target_id_seq') FROM generate_series(1, %s)", (len(fibermap),))
        ids = [row[0] for row in cursor.fetchall()]
        lines = io.StringIO()
        compress = zstandard.ZstdCompressor(level=1).compress if tuned else zlib.compress
        pixels = BinaryRows() if tuned else TextRows()
        for row, (target, (flux, ivar, mask)) in enumerate(zip(fibermap, spectra(parts, tuned))):
            good = ivar > 0
            redshift = redshifts[target["TARGETID"]]
            values = [ids[row], target["TARGETID"], "peer", survey, program, "healpix", healpix, -1,
                      scores["MEDIAN_COADD_SNR_B"][row], scores["MEDIAN_COADD_SNR_R"][row],
                      scores["MEDIAN_COADD_SNR_Z"][row],
                      np.median(flux[good] * np.sqrt(ivar[good])) if good.any() else np.nan,
                      1.0 - good.mean(), redshift["Z"], redshift["ZERR"], redshift["ZWARN"], redshift["CHI2"],
                      redshift["DELTACHI2"], redshift["SPECTYPE"], redshift["SUBTYPE"], "redrock", "", file_id, row]
            values += [target[SCALARS[name]] for name in columns[24:]]
            lines.write("\t".join(map(text, values)) + "\n")
            pixels.add(ids[row], encoded(compress, flux, ivar, mask))
        pixels.finish()
        for stream, command in ((lines, "COPY voorwerp.target (%s) FROM STDIN" % ", ".join(columns)),
                                (pixels.stream, pixels.command)):
            stream.seek(0)
            cursor.copy_expert(command, stream)
    connection.close()
    return len(ids)


def main():
    uri, folder, processes, style = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    files = sorted(folder.rglob("coadd-*.fits"))
    with multiprocessing.Pool(processes) as pool:
        print(sum(pool.imap_unordered(ingest, [(uri, file, style == "tuned") for file in files])))


if __name__ == "__main__":
    main()
