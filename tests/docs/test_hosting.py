"""The guide to hosting speaks of settings and commands that are there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from geo.settings import setting_table

PAGE = (Path(__file__).parents[2] / "docs" / "hosting.md").read_text("utf-8")


def test_every_setting_that_it_names_is_one() -> None:
    known = {setting.name for setting in setting_table()}
    assert set(re.findall(r"CROSSROADS_[A-Z_]+", PAGE)) <= known


def test_the_other_settings_are_one_link_away() -> None:
    assert "(settings.md#sign-in)" in PAGE


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    openssl = shutil.which("openssl")
    if not (nginx and openssl):
        pytest.skip("no nginx here")
    block = re.search(r"```nginx\n(.*?)```", PAGE, re.DOTALL)
    assert block
    pair = [tmp_path / "cert.pem", tmp_path / "key.pem"]
    made = [openssl, "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt"]
    made += [
        "ec_paramgen_curve:P-256",
        "-subj",
        "/CN=x",
        "-out",
        str(pair[0]),
        "-keyout",
        str(pair[1]),
    ]
    subprocess.run(made, check=True, capture_output=True)
    site = re.sub(r"/etc/ssl/certs/[\w.]+", str(pair[0]), block[1])
    site = re.sub(r"/etc/ssl/private/[\w.]+", str(pair[1]), site)
    site = site.replace("/var/log/nginx/", f"{tmp_path}/")
    site = re.sub(r"listen (\d+)", rf"listen unix:{tmp_path}/\1.sock", site)  # needs no rights
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temp = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temp}\n{site} }}"
    )
    told = subprocess.run([nginx, "-t", "-c", config], check=False, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
