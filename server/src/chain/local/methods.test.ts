import { expect, test } from 'vitest';
import { kindOf, parseMine } from './methods.ts';

test('what changes the chain is never taken for a read, and what is unknown is refused', () => {
  const kinds = {
    eth_getLogs: 'read',
    eth_call: 'read',
    txpool_status: 'read',
    anvil_nodeInfo: 'read',
    eth_sendRawTransaction: 'submit',
    evm_mine: 'mine',
    hardhat_mine: 'mine',
    anvil_setBalance: 'cheat',
    anvil_reorg: 'cheat',
    eth_sendTransaction: 'refused',
    eth_sendUnsignedTransaction: 'refused',
    eth_sendRawTransactionSync: 'refused',
    anvil_setAutomine: 'refused',
    anvil_reset: 'refused',
    anvil_loadState: 'refused',
    evm_increaseTime: 'refused',
    evm_setNextBlockTimestamp: 'refused',
    anvil_somethingNew: 'refused',
    nonsense: 'refused',
  };
  for (const [method, kind] of Object.entries(kinds))
    expect([method, kindOf(method)]).toEqual([method, kind]);
});

test('mining is asked for in the forms that anvil takes, and in no others', () => {
  expect(parseMine('evm_mine', [])).toEqual({ blocks: 1 });
  expect(parseMine('evm_mine', ['0x64'])).toEqual({ blocks: 1, timestamp: 100 });
  expect(parseMine('evm_mine', [{ timestamp: 100, blocks: 2 }])).toEqual({ blocks: 2, timestamp: 100 });
  expect(parseMine('anvil_mine', ['0x3', 12])).toEqual({ blocks: 3, intervalSeconds: 12 });
  expect(parseMine('hardhat_mine', [])).toEqual({ blocks: 1 });
  for (const malformed of ['x', -1, 1.5, true, '']) {
    expect(parseMine('evm_mine', [malformed])).toBeUndefined();
    expect(parseMine('anvil_mine', [malformed])).toBeUndefined();
  }
});
