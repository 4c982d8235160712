// Resolves a package's source with Salesforce's deployment library, offline, and
// converts it as a deployment would. Prints one JSON object.
const { ComponentSet, MetadataConverter } = require("@salesforce/source-deploy-retrieve");

async function main([source, out]) {
  const set = ComponentSet.fromSource(source);
  const result = await new MetadataConverter().convert(set, "metadata", {
    type: "directory",
    outputDirectory: out,
  });
  const members = {};
  for (const { fullName, type } of set.getSourceComponents()) {
    for (const one of [{ fullName, type }, ...childrenOf(set, fullName, type)]) {
      (members[one.type.name] ??= []).push(one.fullName);
    }
  }
  console.log(
    JSON.stringify({
      manifest: await set.getPackageXml(),
      members,
      converted: result.converted?.length ?? 0,
      packagePath: result.packagePath,
    }),
  );
}

function childrenOf(set, fullName, type) {
  return set
    .getSourceComponents({ fullName, type })
    .toArray()
    .flatMap((component) => component.getChildren());
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
