"""A back-end in Python (FastAPI) that trusts the sessions of miniauth: by signed tokens (/orders), and by asking (/account)."""

import base64
import json
import os
import socket
import urllib.parse
import urllib.request

import jwt
import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

MINIAUTH = os.environ["MINIAUTH"]
AUDIENCE = os.environ.get("AUDIENCE", "shop")
CREDENTIALS = base64.b64encode(f"{os.environ['BACKEND_NAME']}:{os.environ['BACKEND_SECRET']}".encode()).decode()

# Cached for five minutes, and reloaded for an unknown key, at most every two seconds.
keys = jwt.PyJWKClient(f"{MINIAUTH}/.well-known/jwks.json", lifespan=300, cooldown_duration=2)
app = FastAPI()


class Unauthorized(Exception):
    pass


@app.exception_handler(Unauthorized)
def unauthorized(_request, _error):
    """The page's client takes this answer for an expired session, logs in again and asks once more."""
    problem = {"type": "urn:miniauth:problem:session_unknown", "title": "Log in again.", "status": 401, "code": "session_unknown"}
    headers = {"www-authenticate": 'Bearer error="invalid_token"'}
    return JSONResponse(problem, 401, headers, media_type="application/problem+json")


def bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    return token


def by_token(token: str = Depends(bearer)) -> str:
    """Verifies a signed token locally, so a logout takes effect only when the token expires."""
    try:
        key = keys.get_signing_key_from_jwt(token)
        # Never leave out the algorithm, the audience or the issuer.
        claims = jwt.decode(
            token,
            key.key,
            algorithms=["ES256"],
            audience=AUDIENCE,
            issuer="miniauth",
            options={"require": ["exp", "sub", "aud", "iss"]},
        )
        return claims["sub"]
    except jwt.PyJWKClientConnectionError:
        raise
    except jwt.PyJWTError as error:
        raise Unauthorized from error


def by_session(token: str = Depends(bearer)) -> str:
    """Whose session it is, asked of miniauth. A logout counts at once."""
    form = urllib.parse.urlencode({"token": token}).encode()
    request = urllib.request.Request(f"{MINIAUTH}/introspect", form, {"authorization": f"Basic {CREDENTIALS}"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        session = json.load(answer)
    if not session["active"]:
        raise Unauthorized
    return session["subject"]


@app.get("/orders")
def orders(subject: str = Depends(by_token)):
    return {"subject": subject}


@app.get("/account")
def account(subject: str = Depends(by_session)):
    return {"subject": subject}


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))))
    print(f"backend listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
