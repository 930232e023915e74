import t from 'tap';
import { Cpace } from '../src/access/cpace.js';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

t.test('the test vectors of draft-irtf-cfrg-cpace-21, appendix B.3', async (t) => {
  const channel = hex('0b415f696e69746961746f720b425f726573706f6e646572');
  const session = hex('7e4b4791d6a8ef019b936c79fb7f2c57');
  const side = (random: string): Cpace => new Cpace('Password', channel, session, hex(random));
  const a = side('da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08');
  const b = side('d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d');
  const shareA = 'd6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0eec482b9157';
  const shareB = '3ea7e0b19560d7c0b0f5734f63b955286dfa8232b5ebe63324e2d9e7433f7258';
  t.equal(Buffer.from(a.share).toString('hex'), shareA);
  t.equal(Buffer.from(b.share).toString('hex'), shareB);
  const [aboutA, aboutB] = [Buffer.from('ADa'), Buffer.from('ADb')];
  const key = `b69effbf61b51d56401c0f65601abe428de8206feaaf0e32198896dcae7b35cd
    2b38950a39dfd5d4a79164614c2984f7daa460b588c1e80c3fa2068af7900447`;
  const ofA = a.key('initiator', aboutA, { share: hex(shareB), about: aboutB });
  const ofB = b.key('responder', aboutB, { share: hex(shareA), about: aboutA });
  t.same(ofA, hex(key));
  t.same(ofB, hex(key));
});

t.test('another code, channel, session or name gives another key', async (t) => {
  const session = Buffer.alloc(16, 1);
  const about = Buffer.from('who');
  const agree = (b: Cpace, told = about): boolean => {
    const a = new Cpace('12345678', 'channel', session);
    const ofA = a.key('initiator', about, { share: b.share, about });
    return ofA.equals(b.key('responder', about, { share: a.share, about: told }));
  };
  t.equal(agree(new Cpace('12345678', 'channel', session)), true);
  t.equal(agree(new Cpace('12345679', 'channel', session)), false);
  t.equal(agree(new Cpace('12345678', 'another', session)), false);
  t.equal(agree(new Cpace('12345678', 'channel', Buffer.alloc(16, 2))), false);
  t.equal(agree(new Cpace('12345678', 'channel', session), Buffer.from('me')), false);
  const long = 'x'.repeat(300);
  const told = Buffer.from(long);
  const [a, b] = [new Cpace(long, long, session), new Cpace(long, long, session)];
  t.same(
    a.key('initiator', told, { share: b.share, about: told }),
    b.key('responder', told, { share: a.share, about: told }),
    'lengths of more than a byte',
  );
});

t.test('a share that is none, or tells nothing, is refused', async (t) => {
  const side = new Cpace('12345678', 'channel', Buffer.alloc(16));
  const about = Buffer.alloc(0);
  const neutral = Buffer.alloc(32);
  for (const share of [neutral, Buffer.alloc(32, 255), Buffer.alloc(5), Buffer.alloc(0)]) {
    t.throws(() => side.key('initiator', about, { share, about }), share.toString('hex'));
  }
});
