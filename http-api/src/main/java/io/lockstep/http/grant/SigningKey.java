package io.lockstep.http.grant;

import io.lockstep.kv.member.PublishedKey;
import io.lockstep.raft.bytes.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * An Ed25519 key pair of a node. Immutable; any thread may sign. Its text does not tell the private
 * half.
 */
public final class SigningKey {
  private static final String ALGORITHM = "Ed25519";

  /** What an X.509 public key has before its {@link PublishedKey#BYTES} bytes. */
  private static final byte[] X509_HEAD = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
  };

  private final PrivateKey privateKey;
  private final Bytes publicKey;
  private final String id;

  private SigningKey(PrivateKey privateKey, Bytes publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.id = idOf(publicKey);
  }

  /** A new one, drawn by the system's source of randomness. */
  public static SigningKey generate() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      byte[] encoded = pair.getPublic().getEncoded();
      return new SigningKey(
          pair.getPrivate(), Bytes.copyOf(encoded, X509_HEAD.length, encoded.length));
    } catch (GeneralSecurityException e) {
      throw lacking(e);
    }
  }

  /**
   * The pair with these halves; null when they are not a pair of keys.
   *
   * @param privateKey as {@link #privateKey} gave it
   */
  public static @Nullable SigningKey of(Bytes privateKey, Bytes publicKey) {
    try {
      PrivateKey half =
          KeyFactory.getInstance(ALGORITHM)
              .generatePrivate(new PKCS8EncodedKeySpec(privateKey.toArray()));
      SigningKey key = new SigningKey(half, publicKey);
      byte[] probe = {1};
      return verifies(publicKey, probe, key.sign(probe)) ? key : null;
    } catch (GeneralSecurityException | IllegalStateException e) {
      return null;
    }
  }

  /** Whether {@code signature} was made of {@code message} with the private half of a key. */
  public static boolean verifies(Bytes publicKey, byte[] message, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(ALGORITHM);
      verifier.initVerify(decode(publicKey));
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static PublicKey decode(Bytes publicKey) throws GeneralSecurityException {
    byte[] bytes = publicKey.toArray();
    byte[] encoded = new byte[X509_HEAD.length + bytes.length];
    System.arraycopy(X509_HEAD, 0, encoded, 0, X509_HEAD.length);
    System.arraycopy(bytes, 0, encoded, X509_HEAD.length, bytes.length);
    return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
  }

  /** The name of a public key: its thumbprint by RFC 7638. */
  public static String idOf(Bytes publicKey) {
    String canonical =
        "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" + base64Url(publicKey.toArray()) + "\"}";
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return base64Url(digest.digest(canonical.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw lacking(e);
    }
  }

  /** Bytes as JOSE writes them. */
  static String base64Url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The public half, as RFC 8032 writes it. */
  public Bytes publicKey() {
    return publicKey;
  }

  /** The private half, to be kept where nobody else can read it. */
  public Bytes privateKey() {
    return Bytes.wrap(privateKey.getEncoded());
  }

  /** The name of the public half. */
  public String id() {
    return id;
  }

  byte[] sign(byte[] message) {
    try {
      Signature signer = Signature.getInstance(ALGORITHM);
      signer.initSign(privateKey);
      signer.update(message);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw lacking(e);
    }
  }

  private static IllegalStateException lacking(GeneralSecurityException e) {
    return new IllegalStateException("every Java runtime has Ed25519 and SHA-256", e);
  }

  @Override
  public String toString() {
    return "key " + id;
  }
}
