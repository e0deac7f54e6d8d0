"""Every way to sign in, in both flavours: how jirasim is started for it, what jiraduct is given, and what must never be seen again."""
import base64
import json
import pathlib

import rig

CLOUD_ID = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
GATE = f"/ex/jira/{CLOUD_ID}"
SITE = "https://jira.example.org"  # what a Cloud jirasim calls itself; only its gateway is reached
PASSWORD, PAT, TOKEN, SCOPED = "planted-password-Zq7", "planted-pat-Xw3", "planted-token-Kv9", "planted-scoped-Ju5"
CLIENT_SECRET, REFRESH = "planted-client-Hd2", "planted-refresh-Lm8"
MAIL = "me@example.org"

WAYS = {  # name: (flavour, how)
    "dc anonymous": ("dc", "anonymous"), "dc basic": ("dc", "basic"), "dc pat": ("dc", "pat"),
    "cloud anonymous": ("cloud", "anonymous"), "cloud basic": ("cloud", "basic"), "cloud scoped": ("cloud", "scoped"),
    "cloud oauth": ("cloud", "oauth"),
}


def basic(name, secret):
    return base64.b64encode(f"{name}:{secret}".encode()).decode()


class SignIn:
    """One way, for one jirasim. `planted` is every text that gives the secret away."""

    def __init__(self, name, box):
        self.flavour, self.how = WAYS[name]
        self.box, self.file = box, None
        self.planted = {"basic": [PASSWORD, TOKEN], "pat": [PAT], "scoped": [SCOPED], "oauth": [CLIENT_SECRET, REFRESH]}.get(self.how, [])
        user, secret = ("me", PASSWORD) if self.flavour == "dc" else (MAIL, TOKEN)
        self.env_of = {"anonymous": {}, "basic": {"JIRA_USERNAME": user, "JIRA_API_TOKEN": secret}, "pat": {"JIRA_PAT": PAT},
                       "scoped": {"JIRA_USERNAME": MAIL, "JIRA_API_TOKEN": SCOPED}, "oauth": {}}[self.how]
        if "JIRA_USERNAME" in self.env_of:
            self.planted.append(basic(self.env_of["JIRA_USERNAME"], self.env_of["JIRA_API_TOKEN"]))

    def sim_args(self):
        """Whoever loses its credentials on the way is refused."""
        if self.flavour == "dc":
            args = ["--user", f"me:{PASSWORD}", "--pat", f"{PAT}:pia"]
        else:
            accounts = self.box / "accounts.json"
            accounts.write_text(json.dumps([{"name": MAIL, "secret": SCOPED, "kind": "scoped"}]))
            args = ["--flavour", "cloud", "--user", f"{MAIL}:{TOKEN}", "--accounts", accounts,
                    "--oauth", f"app:{CLIENT_SECRET}"]
        return args + ([] if self.how == "anonymous" else ["--require-auth"])

    def start(self, start_sim, *args, **how):
        return start_sim(*args, *self.sim_args(), **{"context": "/jira" if self.flavour == "dc" else "/", **how})

    def base_url(self, sim):
        return sim.root + GATE if self.how == "scoped" else sim.url

    def product(self, product, sim, refresh=REFRESH):
        """jiraduct with these credentials in its environment, for every run."""
        jd = product(sim, self.base_url(sim))
        jd.env.update(self.env_of)
        if self.how == "oauth":
            self.bundle(sim, refresh)
            jd.env["JIRA_OAUTH_FILE"] = str(self.file)
        return jd

    def bundle(self, sim, refresh):
        self.file = self.box / "secret/oauth.json"
        if self.file.exists():
            return
        sim.control("oauth", plant=refresh)
        self.file.parent.mkdir()
        self.file.write_text(json.dumps({"client_id": "app", "client_secret": CLIENT_SECRET, "refresh_token": refresh, "base_url": SITE,
                                         "token_url": f"{sim.root}/oauth/token", "api_url": sim.root}))
        self.file.chmod(0o600)

    def tokens(self):
        """What the bundle holds by now."""
        held = json.loads(self.file.read_text()) if self.file else {}
        return {name: held[name] for name in ("refresh_token", "access_token") if name in held}

    def secrets(self):
        return [*self.planted, *self.tokens().values()]

    def assert_unseen(self, jd, *texts):
        """No secret in these texts, nor in any file that jiraduct left, however it is compressed."""
        said = "".join(t if isinstance(t, str) else t.decode("latin-1") for t in texts)
        for file in jd.box.rglob("*"):
            if file.is_file():
                said += file.read_bytes().decode("latin-1")
        for secret in self.secrets():
            assert secret not in said, f"{secret} was written by a run that signs in by {self.how}"
        if self.file:
            beside = [p.name for p in pathlib.Path(self.file).parent.iterdir() if p.name not in (self.file.name, self.file.name + ".lock")]
            assert not beside, f"beside the bundle lies {beside}"
            assert self.file.stat().st_mode & 0o777 == 0o600


def ways(flavour=None):
    return [name for name, (f, _) in WAYS.items() if flavour in (None, f)]
