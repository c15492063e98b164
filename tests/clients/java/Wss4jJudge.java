import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.ws.security.WSConstants;
import org.apache.ws.security.WSDataRef;
import org.apache.ws.security.WSEncryptionPart;
import org.apache.ws.security.WSSConfig;
import org.apache.ws.security.WSSecurityEngine;
import org.apache.ws.security.WSSecurityEngineResult;
import org.apache.ws.security.components.crypto.Merlin;
import org.apache.ws.security.message.WSSecHeader;
import org.apache.ws.security.message.WSSecSignature;
import org.apache.ws.security.message.WSSecTimestamp;
import org.apache.ws.security.util.WSSecurityUtil;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Apache WSS4J, the WS-Security of CXF and Axis2, as a foreign judge.
 *
 * <pre>
 * sign [FILE] --reference bst|issuer|ski|thumbprint [--str-transform] [--system pomoc] [--demo demo]
 *      signs FILE (else demo/zapytania/UdostepnijDaneOsoby.xml) with a new idZadania; the envelope goes to stdout
 * verify FILE [--demo demo]
 *      prints VERIFIED, the signer's subject and what is signed, when the signer is one of demo/pki; else exit 1
 * </pre>
 */
public final class Wss4jJudge {
    private static final String COMMON = "urn:brama:wspolne:1";
    private static final String MORE = "http://www.w3.org/2001/04/xmldsig-more#";
    private static final Map<String, Integer> REFERENCES = Map.of(
            "bst", WSConstants.BST_DIRECT_REFERENCE,
            "issuer", WSConstants.ISSUER_SERIAL,
            "ski", WSConstants.SKI_KEY_IDENTIFIER,
            "thumbprint", WSConstants.THUMBPRINT_IDENTIFIER);

    private static String file;
    private static String reference = "bst";
    private static boolean strTransform;
    private static String system = "pomoc";
    private static Path demo = Path.of("demo");

    private Wss4jJudge() {}

    public static void main(String[] arguments) {
        try {
            run(arguments);
        } catch (Exception problem) {
            System.err.println(problem);
            System.exit(1);
        }
    }

    private static void run(String[] arguments) throws Exception {
        for (int i = 1; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--reference" -> reference = arguments[++i];
                case "--str-transform" -> strTransform = true;
                case "--system" -> system = arguments[++i];
                case "--demo" -> demo = Path.of(arguments[++i]);
                default -> file = arguments[i];
            }
        }
        WSSConfig.init();
        switch (arguments[0]) {
            case "sign" -> sign();
            case "verify" -> verify();
            default -> throw new IllegalArgumentException("no such verb: " + arguments[0]);
        }
    }

    private static void sign() throws Exception {
        Document envelope = parse(file == null ? demo.resolve("zapytania/UdostepnijDaneOsoby.xml") : Path.of(file));
        envelope.getElementsByTagNameNS(COMMON, "idZadania").item(0).setTextContent(UUID.randomUUID().toString());
        WSSecHeader header = new WSSecHeader();
        header.insertSecurityHeader(envelope);
        WSSecTimestamp timestamp = new WSSecTimestamp();
        timestamp.setTimeToLive(300);
        timestamp.build(envelope, header);

        PrivateKey key = key();
        WSSecSignature signature = new WSSecSignature();
        signature.setUserInfo(system, "");
        signature.setKeyIdentifierType(REFERENCES.get(reference));
        signature.setSignatureAlgorithm(MORE + (key.getAlgorithm().equals("EC") ? "ecdsa-sha256" : "rsa-sha256"));
        signature.setDigestAlgo(WSConstants.SHA256);
        List<WSEncryptionPart> parts = new ArrayList<>();
        parts.add(new WSEncryptionPart("Body", envelope.getDocumentElement().getNamespaceURI(), ""));
        parts.add(new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, ""));
        if (strTransform) {
            parts.add(new WSEncryptionPart("STRTransform", "", "Element"));
        }
        signature.setParts(parts);

        KeyStore store = certificates();
        store.setKeyEntry(system, key, new char[0], new Certificate[] {store.getCertificate(system)});
        Merlin crypto = new Merlin();
        crypto.setKeyStore(store);
        signature.build(envelope, crypto, header);

        Transformer writer = TransformerFactory.newInstance().newTransformer();
        writer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        writer.transform(new DOMSource(envelope), new StreamResult(System.out));
    }

    private static void verify() throws Exception {
        if (file == null) {
            throw new IllegalArgumentException("verify which file?");
        }
        Document envelope = parse(Path.of(file));
        Merlin crypto = new Merlin();
        crypto.setKeyStore(certificates());
        List<WSSecurityEngineResult> results = new WSSecurityEngine().processSecurityHeader(envelope, null, null, crypto);
        WSSecurityEngineResult signature = results == null ? null : WSSecurityUtil.fetchActionResult(results, WSConstants.SIGN);
        if (signature == null) {
            throw new GeneralSecurityException("not signed");
        }
        @SuppressWarnings("unchecked")
        List<WSDataRef> signed = (List<WSDataRef>) signature.get(WSSecurityEngineResult.TAG_DATA_REF_URIS);
        var signer = (X509Certificate) signature.get(WSSecurityEngineResult.TAG_X509_CERTIFICATE);
        System.out.println("VERIFIED " + signer.getSubjectX500Principal() + ": "
                + signed.stream().map(part -> path(part.getProtectedElement())).sorted().collect(Collectors.joining(" ")));
    }

    /** Where the signed element stands, so that a signed copy elsewhere is not taken for the Body. */
    private static String path(Node element) {
        return element instanceof Element ? path(element.getParentNode()) + "/" + element.getLocalName() : "";
    }

    // Files

    private static Document parse(Path file) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(file.toFile());
    }

    /** Every certificate of the demo under its file's name. */
    private static KeyStore certificates() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(demo.resolve("pki"), "*.pem")) {
            for (Path pem : files) {
                try (InputStream input = Files.newInputStream(pem)) {
                    String name = pem.getFileName().toString().replace(".pem", "");
                    store.setCertificateEntry(name, CertificateFactory.getInstance("X.509").generateCertificate(input));
                }
            }
        }
        return store;
    }

    private static PrivateKey key() throws IOException, GeneralSecurityException {
        String pem = Files.readString(demo.resolve("pki").resolve(system + ".key")).replaceAll("-----[^-]*-----", "");
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem));
        String algorithm = certificates().getCertificate(system).getPublicKey().getAlgorithm();
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
    }
}
