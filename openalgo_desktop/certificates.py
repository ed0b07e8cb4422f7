"""Finds the certificates of the system for the executable.

It brings along the OpenSSL of the computer that built it, and that one looks where that computer kept them.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, MutableMapping

# Debian, Arch; Fedora, Red Hat; openSUSE; older Red Hat; Alpine and macOS.
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def find_certificates(
    environment: MutableMapping[str, str],
    known: ssl.DefaultVerifyPaths,
    *,
    is_file: Callable[[str], bool] = os.path.isfile,
) -> None:
    """Point OpenSSL at the system's bundle of certificates, unless `known`, or the user, names one that exists.

    Must come before the first TLS context is made.
    """
    if known.cafile or known.capath or environment.get("SSL_CERT_FILE"):
        return
    for bundle in BUNDLES:
        if is_file(bundle):
            environment["SSL_CERT_FILE"] = bundle
            return
