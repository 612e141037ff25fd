import { families, isFamily } from './families.ts';

const [name = ''] = process.argv.slice(2);
if (!isFamily(name)) throw new Error(`there is no family ${name}`);
const figures = await families[name].measure();
process.send?.(figures, () => process.exit());
