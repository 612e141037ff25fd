// Loaded before a program by `node --import`. JavaScript, since an old Node cannot read TypeScript.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const runs_typescript = major > 22 || (major === 22 && minor >= 18);
if (!runs_typescript) {
  process.stderr.write(
    `This project needs Node 22.18 or newer, and this is Node ${process.versions.node}.\n` +
      'npm ci installs a Node 24 beside the packages, which npm scripts use; here that did not work.\n' +
      'Run npm ci again, or install Node 24 yourself: https://nodejs.org\n',
  );
  process.exit(1);
}
