// What an exported script uses of k6's encoding module.
export default { b64encode: (text) => Buffer.from(text).toString('base64') };
