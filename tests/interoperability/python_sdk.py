"""Drives PyPI's python-alipay-sdk: reads one JSON document from standard input, prints one."""

import json
import sys

from alipay import AliPay, DCAliPay


def pem(label, base64):
    return f"-----BEGIN {label}-----\n{base64}\n-----END {label}-----"


def clients(config):
    private_key = pem("PRIVATE KEY", config["app_private_key"])
    yield "keys", AliPay(
        appid=config["app_id"],
        app_private_key_string=private_key,
        alipay_public_key_string=pem("PUBLIC KEY", config["alipay_public_key"]),
    )
    yield "certificates", DCAliPay(
        appid=config["app_id"],
        app_private_key_string=private_key,
        app_public_key_cert_string=config["app_certificate"],
        alipay_public_key_cert_string=config["alipay_certificate"],
        alipay_root_cert_string=config["alipay_root_certificates"],
    )


def login(client, code):
    """Every call verifies the answer's signature, or raises."""
    tokens = client.server_api("alipay.system.oauth.token", grant_type="authorization_code", code=code)
    renewed = client.server_api(
        "alipay.system.oauth.token", grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    member = client.server_api("alipay.user.info.share", auth_token=renewed["access_token"])
    return {"tokens": tokens, "renewed": renewed, "member": member}


def signed(client, parameters):
    """The parameters as the SDK signs them, and its signature."""
    data = client.build_body("alipay.user.info.share", **parameters)
    items = dict(client._ordered_data(data))
    return {"parameters": items, "sign": client._sign("&".join(f"{k}={v}" for k, v in sorted(items.items())))}


def main():
    request = json.load(sys.stdin)
    answer = {}
    for mode, client in clients(request["config"]):
        client._gateway = request["config"]["gateway"]
        answer[mode] = {
            "login": login(client, request["codes"][mode]),
            "signed": signed(client, request["parameters"]),
        }
    json.dump(answer, sys.stdout)


main()
