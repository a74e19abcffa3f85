import type { Random } from "./planted-random.ts";

/** A secret as it would stand in a file: nothing of it is real, and all of it is made of parts when the test runs. */
export interface PlantedSecret {
  readonly kind: string;
  readonly value: string;
  /** The line or lines that it stands in. */
  readonly line: string;
}

type Maker = (random: Random) => Omit<PlantedSecret, "kind">;

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
const hex = "0123456789abcdef";
const alnum = lower + upper + digits;
const url = `${alnum}-_`;

/** Puts a text together that must not stand in one piece in a file: scanners would take it for a secret. */
function parts(...texts: readonly string[]): string {
  return texts.join("");
}

function token(prefix: string, alphabet: string, length: number): Maker {
  return (random) => {
    const value = prefix + random.text(alphabet, length);
    return { value, line: random.pick(places)(value) };
  };
}

/** Where people leave keys. */
const places: readonly ((value: string) => string)[] = [
  (value) => `const key = "${value}";`,
  (value) => `export SERVICE_KEY=${value}`,
  (value) => `  client: new Client({ auth: '${value}' }),`,
  (value) => `curl -H "X-Key: ${value}" https://example.org/v1`,
  (value) => `# old one was ${value}, remove later`,
  (value) => `{"key":"${value}","n":1}`,
  (value) => `| staging | ${value} |`,
];

function pem(name: string, open: (random: Random, length: number) => string): Maker {
  return (random) => {
    const rows = Array.from({ length: 12 }, () => open(random, 64));
    return {
      value: rows[4] ?? "",
      line: [keyBorder("BEGIN", name), ...rows, keyBorder("END", name)].join("\n"),
    };
  };
}

function keyBorder(side: string, name: string): string {
  return parts("-----", side, " ", name, "-----");
}

const base64Row = (random: Random, length: number): string => random.text(`${alnum}+/`, length);

/** 33 kinds of secrets in the formats of their providers. */
export const providerKinds: Readonly<Record<string, Maker>> = {
  "aws access key": token(parts("AKI", "A"), upper + digits, 16),
  "aws secret key": (random) => {
    const value = random.text(`${alnum}+/`, 40);
    return { value, line: `aws_secret_access_key = ${value}` };
  },
  "github token": token(parts("gh", "p_"), alnum, 36),
  "github fine-grained token": token(parts("github", "_pat_"), alnum, 82),
  "gitlab token": token(parts("glp", "at-"), url, 20),
  "slack token": (random) => {
    const [one, two, three] = [12, 12, 24].map((length) => random.text(digits, length));
    const value = [parts("xox", "b"), one, two, three].join("-");
    return { value, line: random.pick(places)(value) };
  },
  "slack webhook": (random) => {
    const value = `T${random.text(upper, 8)}/B${random.text(upper, 8)}/${random.text(alnum, 24)}`;
    return { value, line: parts("url: https://hooks.sl", "ack.com/services/", value) };
  },
  "stripe key": token(parts("sk_", "live_"), alnum, 24),
  "anthropic key": token(parts("sk-", "ant-api03-"), url, 95),
  "openai key": token(parts("sk-", "proj-"), url, 120),
  "openai legacy key": token(parts("sk", "-"), alnum, 48),
  "groq key": token(parts("gs", "k_"), alnum, 52),
  "hugging face token": token(parts("h", "f_"), lower + upper, 34),
  "npm token": token(parts("np", "m_"), alnum, 36),
  "npmrc token": (random) => {
    const value = random.text(hex, 36);
    return { value, line: parts("//registry.npmjs.org/:_auth", "Token=", value) };
  },
  "pypi token": token(parts("pyp", "i-AgEIcHlwaS5vcmc"), url, 90),
  "google key": token(parts("AI", "za"), url, 35),
  "google oauth": token(parts("GOC", "SPX-"), url, 28),
  "sendgrid key": (random) => {
    const value = parts("S", "G.", random.text(url, 22), ".", random.text(url, 43));
    return { value, line: random.pick(places)(value) };
  },
  "twilio key": token(parts("S", "K"), hex, 32),
  "telegram token": (random) => {
    const value = parts(random.text("123456789", 10), ":A", "A", random.text(url, 33));
    return { value, line: random.pick(places)(value) };
  },
  "azure storage key": (random) => {
    const value = `${random.text(`${alnum}+/`, 86)}==`;
    return { value, line: parts("DefaultEndpointsProtocol=https;Account", "Key=", value, ";") };
  },
  "json web token": (random) => {
    const part = (length: number): string => parts("ey", "J", random.text(url, length));
    const value = `${part(20)}.${part(60)}.${random.text(url, 43)}`;
    return { value, line: random.pick(places)(value) };
  },
  "digitalocean token": token(parts("do", "p_v1_"), hex, 64),
  "shopify token": token(parts("shp", "at_"), hex, 32),
  "databricks token": token(parts("da", "pi"), hex, 32),
  "vault token": token(parts("hv", "s."), url, 95),
  "pulumi token": token(parts("pu", "l-"), hex, 40),
  "atlassian token": token(parts("ATA", "TT3xFfGF0"), url, 170),
  "langsmith key": (random) => {
    const value = parts("lsv2", "_pt_", random.text(hex, 32), "_", random.text(hex, 10));
    return { value, line: random.pick(places)(value) };
  },
  "database address": (random) => {
    const value = random.text(alnum, 18);
    const host = `db-${random.text(lower, 5)}.example.org`;
    return { value, line: parts("DATABASE_URL=postgres", "://app:", value, `@${host}:5432/main`) };
  },
  "rsa private key": pem(["RSA", "PRIVATE", "KEY"].join(" "), base64Row),
  "openssh private key": pem(["OPENSSH", "PRIVATE", "KEY"].join(" "), base64Row),
};
