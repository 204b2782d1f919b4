import type { AmqpMap, AmqpValue } from '../protocol/values.ts';

export type Filter = (properties: AmqpMap) => boolean;

const LITERAL = String.raw`'(?:[^']|'')*'|-?\d+(?:\.\d+)?|TRUE|FALSE`;
const NAME = String.raw`(?:user\.)?\[?([A-Za-z_][\w-]*)\]?`;
const EQUALS = new RegExp(`^${NAME}\\s*(=|<>|!=)\\s*(${LITERAL})$`, 'i');
const ONE_OF = new RegExp(
  `^${NAME}\\s+(NOT\\s+)?IN\\s*\\(\\s*((?:${LITERAL})(?:\\s*,\\s*(?:${LITERAL}))*)\\s*\\)$`,
  'i',
);

/**
 * Compiles a subscription's SQL filter on one application property: `=`, `<>`, `IN`, `NOT IN`, or
 * `1=1`. A property that is absent makes every comparison unknown, which does not match, as in SQL.
 * Throws for anything else: a filter that is not understood must not pass or drop messages.
 */
export function compileFilter(expression: string): Filter {
  const sql = expression.trim();
  if (/^1\s*=\s*1$/.test(sql)) return () => true;
  const [, equalsName, operator, literal] = EQUALS.exec(sql) ?? [];
  if (equalsName !== undefined && literal !== undefined) {
    return oneOf(equalsName, [parseLiteral(literal)], operator !== '=');
  }
  const [, inName, not, literals] = ONE_OF.exec(sql) ?? [];
  if (inName !== undefined && literals !== undefined) {
    const values = literals.match(new RegExp(LITERAL, 'gi')) ?? [];
    return oneOf(inName, values.map(parseLiteral), not !== undefined);
  }
  throw new Error(
    `The subscription filter "${expression}" is not supported by the embedded Azure: ` +
      "use one property with =, <> or IN, such as kind IN ('scale', 'read').",
  );
}

type Literal = string | number | boolean;

function oneOf(name: string, values: readonly Literal[], negated: boolean): Filter {
  return (properties) => {
    const value: AmqpValue = properties.get(name) ?? null;
    if (value === null) return false;
    const plain = typeof value === 'bigint' ? Number(value) : value;
    return values.some((candidate) => candidate === plain) !== negated;
  };
}

function parseLiteral(literal: string): Literal {
  if (literal.startsWith("'")) return literal.slice(1, -1).replaceAll("''", "'");
  if (/^(true|false)$/i.test(literal)) return literal.toLowerCase() === 'true';
  return Number(literal);
}
