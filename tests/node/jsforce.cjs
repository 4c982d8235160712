// A client that this project did not write, against a Salesforce that speaks plain HTTP.
// Prints one JSON object; what it holds is judged by the test that runs this.
const { Connection } = require("@jsforce/jsforce-node");

async function logIn(url, key, secret) {
  const conn = new Connection({
    instanceUrl: url,
    loginUrl: url,
    oauth2: { clientId: key, clientSecret: secret, loginUrl: url },
    version: "66.0",
  });
  const token = await conn.oauth2.requestToken({ grant_type: "client_credentials" });
  return new Connection({ instanceUrl: url, accessToken: token.access_token, version: "66.0" });
}

async function main([url, key, secret, orderId]) {
  const conn = await logIn(url, key, secret);
  const told = {};
  told.identity = await conn.request("/services/oauth2/userinfo");
  told.described = (await conn.sobject("Order").describe()).fields.map((one) => one.name);

  const found = await conn.query(
    "SELECT Id, OrderNumber, StatusCode, Account.Name, " +
      "(SELECT Id, Quantity, Product2.ProductCode FROM OrderItems ORDER BY Id) " +
      `FROM Order WHERE Id = '${orderId}'`,
  );
  told.order = found.records[0];
  told.total = found.totalSize;

  const paged = [];
  let page = await conn.query("SELECT Id FROM Product2 ORDER BY Id", {
    headers: { "Sforce-Query-Options": "batchSize=200" },
    autoFetch: false,
  });
  paged.push(...page.records);
  while (!page.done) {
    page = await conn.queryMore(page.nextRecordsUrl);
    paged.push(...page.records);
  }
  told.products = paged.length;

  const shipments = conn.sobject("ShipSync_Shipment__c");
  const row = (n, carrier) => ({
    ShipSync_Key__c: `J-${n}`,
    Order__c: orderId,
    Carrier__c: carrier,
  });
  told.first = await shipments.upsert(row(1, "ups"), "ShipSync_Key__c");
  told.again = await shipments.upsert(row(1, "fedex"), "ShipSync_Key__c");
  told.many = await shipments.upsert(
    [row(1, "dhl"), row(2, "ups"), { ShipSync_Key__c: "J-3", Order__c: "801000000000000" }],
    "ShipSync_Key__c",
    { allOrNone: false },
  );
  told.created = await conn.sobject("Contact").create([{ LastName: "One" }, { FirstName: "No" }]);
  told.read = await shipments.retrieve([told.first.id]);

  told.composite = await conn.request({
    method: "POST",
    url: "/services/data/v66.0/composite",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      allOrNone: true,
      compositeRequest: [
        {
          method: "PATCH",
          url: "/services/data/v66.0/sobjects/ShipSync_Shipment__c/ShipSync_Key__c/J-4",
          referenceId: "shipment",
          body: { Order__c: orderId },
        },
        {
          method: "POST",
          url: "/services/data/v66.0/sobjects/ShipSync_Shipment_Item__c",
          referenceId: "item",
          body: { Shipment__c: "@{shipment.id}", SKU__c: "MUG", Quantity__c: 2 },
        },
      ],
    }),
  });
  told.refused = await conn
    .query("SELECT Nothing FROM Order")
    .then(() => "", (error) => error.errorCode);
  told.limits = conn.limitInfo;
  console.log(JSON.stringify(told));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
