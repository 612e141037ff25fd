import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { explainTakenPort, fromLsof, fromNetstat, listeningSockets, portOwner } from '../../../local/dev/port-owner.ts';

describe('the owner of a port', () => {
  it.skipIf(process.platform !== 'linux')('is this process for a port that it listens on', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const owner = await portOwner(port);
    await new Promise((resolve) => server.close(resolve));
    expect(owner).toMatchObject({ pid: process.pid });
    expect(owner?.command).toMatch(/node/);
  });

  it('is nobody for a port that nobody listens on', async () => {
    expect(await portOwner(1)).toBeNull();
  });

  it('is nobody where the tool that knows is missing', async () => {
    expect(await portOwner(4000, 'win32')).toBeNull();
  });
});

describe('what the systems say', () => {
  const proc = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100
   1: 0100007F:0FA0 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000000000000000 20
   2: 0100007F:1FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4713 1 0000000000000000 100
`;

  it('/proc/net/tcp: the socket that listens, not the connections to it', () => {
    expect(listeningSockets(proc, 4000)).toEqual(['socket:[4711]']);
    expect(listeningSockets(proc, 4001)).toEqual([]);
  });

  it('lsof: the first process', () => {
    expect(fromLsof('p123\ncnode\nf23\n')).toEqual({ pid: 123, command: 'node' });
    expect(fromLsof('')).toBeNull();
  });

  it('netstat: by the foreign address, since its words are translated', () => {
    const said = `
Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    127.0.0.1:4000         127.0.0.1:51234        HERGESTELLT      77
  TCP    127.0.0.1:4000         0.0.0.0:0              ABHÖREN          123
  TCP    127.0.0.1:14000        0.0.0.0:0              ABHÖREN          124
`;
    expect(fromNetstat(said, 4000)).toBe(123);
    expect(fromNetstat(said, 400)).toBeNull();
  });
});

describe('a taken port is explained', () => {
  const owner = { command: 'node', pid: 123 };

  it.each([
    [{ port: 4000, variable: 'PORT', owner }, 'linux', 'node (pid 123): stop it, or PORT=4100 npm run dev'],
    [
      { port: 4001, variable: 'STRIPE_PORT', owner },
      'darwin',
      'node (pid 123): stop it, or STRIPE_PORT=4101 npm run dev',
    ],
    [{ port: 65_500, variable: 'PORT', owner }, 'linux', 'node (pid 123): stop it, or PORT=65400 npm run dev'],
    [{ port: 4000, variable: 'PORT', owner }, 'win32', 'node (pid 123): stop it, or $env:PORT=4100; npm run dev'],
    [{ port: 4000, variable: 'PORT', owner: null }, 'linux', 'another process: stop it, or PORT=4100 npm run dev'],
  ])('%j on %s', (taken, platform, said) => {
    expect(explainTakenPort(taken, platform)).toBe(`port ${taken.port} is taken by ${said}`);
  });
});
