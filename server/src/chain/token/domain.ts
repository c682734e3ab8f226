import { getAddress } from 'viem/utils';
import { type JsonRpc, RpcError } from '../rpc.ts';
import { domainSeparator, type TokenDomain } from './authorization.ts';
import { decodeString } from './calls.ts';

/** Selectors of name(), version() and DOMAIN_SEPARATOR(). */
const GETTERS = { name: '0x06fdde03', version: '0x54fd4d50', domainSeparator: '0x3644e515' } as const;

/**
 * The token's EIP-712 domain, read from the chain. A wrong address, chain or token version would make every signature
 * worthless, so our separator must equal the contract's. Throws a sentence for the operator when it does not.
 */
export async function readTokenDomain(rpc: JsonRpc, token: string): Promise<TokenDomain> {
  const read = (data: string) => ({ method: 'eth_call', params: [{ to: token, data }, 'latest'] });
  const answers = await rpc.batch<string>([
    { method: 'eth_chainId' },
    read(GETTERS.name),
    read(GETTERS.version),
    read(GETTERS.domainSeparator),
  ]);
  const [chainId, name, version, separator] = answers.map((answer) => {
    if (answer instanceof RpcError || answer === '0x') return undefined;
    return answer;
  });
  if (chainId === undefined) throw new Error(`The node at ${hostOf(rpc)} does not tell its chain id.`);
  const where = `The contract at ${token} on chain ${Number(chainId)}`;
  if (name === undefined || version === undefined || separator === undefined) {
    throw new Error(`${where} is not a token with EIP-3009 authorizations (FiatToken v2 or later).`);
  }
  const domain: TokenDomain = {
    name: decodeString(name),
    version: decodeString(version),
    chainId: Number(chainId),
    verifyingContract: getAddress(token),
  };
  const computed = domainSeparator(domain);
  if (separator.toLowerCase() !== computed) {
    throw new Error(
      `${where} has the EIP-712 domain separator ${separator}, but its name "${domain.name}" and version "${domain.version}" give ${computed}.`,
    );
  }
  return domain;
}

/** Without path and credentials: addresses of hosted nodes carry their key there. */
const hostOf = (rpc: JsonRpc): string => new URL(rpc.url).host;
