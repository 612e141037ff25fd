import { families, isFamily } from './families.ts';

const [name = '', engine_pid] = process.argv.slice(2);
if (!isFamily(name)) throw new Error(`there is no family ${name}`);
const figures = await families[name].measure(engine_pid === undefined ? null : Number(engine_pid));
process.send?.(figures, () => process.exit());
