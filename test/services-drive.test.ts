import { join } from 'node:path';
import t from 'tap';
import { project, Rehearsal, rehearsalProblem } from './support/rehearsal.js';

const problem = await rehearsalProblem();
const place = '/var/lib/pi-monitor/recordings';
const unit = 'var-lib-pi\\x2dmonitor-recordings.mount';

/**
 * A picture has no udev, so that systemd never sees its disks: mount units are carried out by hand,
 * as they are written. All else goes to the real systemctl.
 */
const fakeSystemctl = `#!/bin/bash
unit=/etc/systemd/system/\${!#}
value() { sed -n "s/^$1=//p" "$unit"; }
case "$*" in
  restart*.mount)
    mountpoint -q "$(value Where)" ||
      mount -t "$(value Type)" -o "loop,$(value Options)" "$(realpath "$(value What)")" "$(value Where)" ;;
  disable*.mount) umount "$(value Where)" ;;
  *) exec /usr/bin/systemctl "$@" ;;
esac
`;

t.test('a disk for the recordings (mounted by hand)', { skip: problem ?? false }, async (t) => {
  const machine = await Rehearsal.boot();
  t.teardown(() => machine.remove());
  const script = join(project, 'services/setup_drive.sh');
  const shell = (text: string, ...args: string[]): Promise<string> =>
    machine.must('bash', '-c', text, 'shell', ...args);
  const record = (): Promise<unknown> => machine.ask('POST', '/api/v1/recording', { name: 'r' });

  await machine.must(join(project, 'services/install.sh'));
  await machine.must('systemctl', 'stop', 'monitor');
  await shell('rm -rf "$1"', place);
  await shell(
    'mknod /dev/loop-control c 10 237; for n in {0..31}; do mknod /dev/loop$n b 7 $n; done',
  );
  await shell('mkdir -p /dev/disk/by-label; truncate -s 900M /var/tmp/disk');
  await machine.must('mkfs.ext4', '-q', '-L', 'CAGES', '/var/tmp/disk');
  await shell(
    'printf "%s" "$1" > "$2"; chmod 755 "$2"',
    fakeSystemctl,
    '/usr/local/sbin/systemctl',
  );

  await t.test('what cannot be is said', async (t) => {
    t.match((await machine.run(script)).said, /LABEL/);
    t.match((await machine.run(script, 'CAGES')).said, /no disk has the label CAGES/);
    await shell('ln -s /var/tmp/disk /dev/disk/by-label/CAGES; mkdir -p "$1/old"', place);
    t.match((await machine.run(script, 'CAGES')).said, /holds recordings on the memory card/);
    await shell('rmdir "$1/old"', place);
    t.equal((await machine.run(script, 'CAGES', '--dry-run')).code, 0);
    t.equal((await machine.run('test', '-e', `/etc/systemd/system/${unit}`)).code, 1);
  });

  await t.test('recordings go to the disk', async (t) => {
    t.match(await machine.must(script, 'CAGES'), /recordings go to the disk CAGES/);
    const verified = await machine.run('systemd-analyze', 'verify', `/etc/systemd/system/${unit}`);
    t.equal(verified.said, '');
    await machine.must(script, 'CAGES');
    await machine.must('systemctl', 'start', 'monitor');
    await machine.ask('PATCH', '/api/v1/config', { disk: { reserveMegabytes: 10 } });
    t.match(await record(), { name: 'r' });
    await machine.ask('DELETE', '/api/v1/recording');
    t.match(await machine.must('findmnt', '--noheadings', '--target', `${place}/r`), place);
  });

  await t.test('without the disk nothing is recorded', async (t) => {
    await machine.must('systemctl', 'stop', 'monitor');
    await machine.must('umount', place);
    await machine.must('systemctl', 'start', 'monitor');
    t.match(await record(), { code: 'disk-unwritable' });
    t.equal(await machine.must('ls', place), '', 'the card was not written');
  });

  await t.test('it comes while the monitor runs', async (t) => {
    await machine.must('systemctl', 'restart', unit);
    t.match(await record(), { state: 'recording', name: 'r-2' });
    await machine.ask('DELETE', '/api/v1/recording');
    t.match(await machine.must('ls', place), 'r-2');
  });

  await t.test('--remove goes back to the card', async (t) => {
    await machine.must('systemctl', 'stop', 'monitor');
    await machine.must(script, '--remove');
    t.equal((await machine.run(script, '--remove')).code, 1, 'there is none any more');
    t.equal(await machine.must('stat', '--format', '%U', place), 'pi-monitor');
  });
});
