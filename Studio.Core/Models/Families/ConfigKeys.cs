namespace Studio.Core.Models.Families;

/// <summary>Keys that configs of the supported families hold (transformers <c>configuration_*.py</c>): whatever else an unknown family's config says is new.</summary>
internal static class ConfigKeys
{
    public static IReadOnlySet<string> Known { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "_name_or_path", "_remove_final_layer_norm", "_sliding_window_pattern", "activation", "activation_function", "add_cross_attention", "alibi",
        "apply_residual_connection_post_layernorm", "architectures", "attention_bias", "attention_dropout", "attention_layers",
        "attention_multiplier", "attention_out_bias", "attention_softmax_in_fp32", "attention_types", "attn_config", "attn_logit_softcapping",
        "attn_pdrop", "auto_map", "bias", "bos_token_id", "cache_implementation", "chunk_size_feed_forward", "classifier_dropout", "clip_qkv",
        "cross_attention_hidden_size", "d_model", "decoder_sparse_step", "decoder_start_token_id", "do_layer_norm_before", "dropout", "dtype",
        "emb_pdrop", "embd_pdrop", "embed_dropout", "embedding_dropout", "embedding_fraction", "embedding_multiplier", "enable_bias", "eos_token_id",
        "expansion_ratio", "ffn_dim", "ffn_hidden_size", "final_logit_softcapping", "finetuning_task", "head_dim", "hidden_act", "hidden_activation",
        "hidden_dropout", "hidden_size", "id2label", "ignore_keys_at_rope_validation", "init_device", "init_std", "initializer_range",
        "intermediate_size", "is_decoder", "is_encoder_decoder", "label2id", "layer_norm_elementwise_affine", "layer_norm_eps", "layer_norm_epsilon",
        "layer_types", "layerdrop", "learned_pos_emb", "logit_scale", "logits_scaling", "max_position_embeddings", "max_seq_len", "max_window_layers",
        "mlp_bias", "mlp_only_layers", "mlp_type", "model_type", "moe_intermediate_size", "multi_query", "n_ctx", "n_embd", "n_embed", "n_head",
        "n_heads", "n_inner", "n_layer", "n_layers", "n_positions", "new_decoder_architecture", "no_bias", "no_rope_layer_interval", "no_rope_layers",
        "norm_eps", "norm_epsilon", "norm_topk_prob", "norm_type", "num_attention_heads", "num_experts", "num_experts_per_tok", "num_heads",
        "num_hidden_layers", "num_key_value_heads", "num_kv_heads", "num_layers", "num_ln_in_parallel_attn", "num_local_experts",
        "original_max_position_embeddings", "output_attentions", "output_hidden_states", "output_router_logits", "pad_token_id", "parallel_attn",
        "partial_rotary_factor", "prefix", "pretraining_tp", "problem_type", "qk_layernorm", "qkv_bias", "quantization_config",
        "query_pre_attn_scalar", "reorder_and_upcast_attn", "resid_dropout", "resid_pdrop", "residual_dropout", "residual_multiplier", "return_dict",
        "rms_norm_eps", "rope_local_base_freq", "rope_parameters", "rope_scaling", "rope_theta", "rotary", "rotary_dim", "rotary_emb_base",
        "rotary_pct", "router_aux_loss_coef", "router_jitter_noise", "scale_attention_softmax_in_fp32", "scale_attn_by_inverse_layer_idx",
        "scale_attn_weights", "sep_token_id", "seq_length", "shared_expert_intermediate_size", "sliding_window", "sliding_window_pattern",
        "slow_but_exact", "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj", "swiglu_limit",
        "task_specific_params", "tie_encoder_decoder", "tie_word_embeddings", "tokenizer_class", "torch_dtype", "transformers_version", "use_bias",
        "use_bidirectional_attention", "use_cache", "use_parallel_block", "use_parallel_embedding", "use_parallel_residual", "use_qk_norm",
        "use_qkv_bias", "use_sliding_window", "verbose", "vocab_size", "window_size", "word_embed_proj_dim",
    };
}
