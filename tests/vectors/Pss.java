// Signs a document with RSA-PSS by every name and parameter that the JDK knows; writes NAME.xml and key.pem into a folder.

import java.io.File;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.List;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.RSAPSSParameterSpec;
import javax.xml.crypto.dsig.spec.SignatureMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

public class Pss {
    static final String MORE = "http://www.w3.org/2007/05/xmldsig-more#";

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        String key = Base64.getMimeEncoder(64, "\n".getBytes()).encodeToString(keys.getPublic().getEncoded());
        Files.writeString(folder.resolve("key.pem"), "-----BEGIN PUBLIC KEY-----\n" + key + "\n-----END PUBLIC KEY-----\n");
        for (String hash : List.of("256", "384", "512")) {
            sign(folder, "name-" + hash, keys, MORE + "sha" + hash + "-rsa-MGF1", null);
            sign(folder, "parameters-" + hash, keys, MORE + "rsa-pss", parameters("SHA-" + hash, Integer.parseInt(hash) / 8));
        }
        sign(folder, "defaults", keys, MORE + "rsa-pss", null);
        sign(folder, "short-salt", keys, MORE + "rsa-pss", parameters("SHA-256", 20));
    }

    static SignatureMethodParameterSpec parameters(String hash, int salt) {
        return new RSAPSSParameterSpec(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), salt, 1));
    }

    static void sign(Path folder, String name, KeyPair keys, String method, SignatureMethodParameterSpec parameters)
            throws Exception {
        DocumentBuilderFactory documents = DocumentBuilderFactory.newInstance();
        documents.setNamespaceAware(true);
        Document document = documents.newDocumentBuilder()
                .parse(new InputSource(new StringReader("<k:koperta xmlns:k='urn:test'>za\u017c\u00f3\u0142\u0107</k:koperta>")));
        XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
        SignedInfo signedInfo = factory.newSignedInfo(
                factory.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
                factory.newSignatureMethod(method, parameters),
                List.of(factory.newReference("", factory.newDigestMethod(DigestMethod.SHA256, null),
                        List.of(factory.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null)), null, null)));
        factory.newXMLSignature(signedInfo, null)
                .sign(new DOMSignContext(keys.getPrivate(), document.getDocumentElement()));
        File file = folder.resolve(name + ".xml").toFile();
        TransformerFactory.newInstance().newTransformer().transform(new DOMSource(document), new StreamResult(file));
    }
}
